/// A way to ask one node in CQL and to tell it statements.
///
/// Whoever conforms promises: a statement that returns has been carried out; a script stops at its first failing
/// statement; secrets are in no error.
package protocol CQLSession: Sendable {
    /// How the node is reached, for messages: `cqlsh at 127.0.0.1:9042`.
    var means: String { get }

    /// The rows of several `SELECT JSON …` statements, without a semicolon at the end, one array for each statement.
    ///
    /// Together, because a process may have to be started for a call: ask for all that is known to be needed.
    ///
    /// - Throws: `CassandraError`: `.notFound` for an unknown keyspace, table or column, `.invalid` for what is no CQL,
    ///   `.denied`, `.unreachable`, `.timedOut`, and `.malformed` for an answer that cannot be read.
    func rows(_ selects: [String]) async throws(CassandraError) -> [[CQLRow]]

    /// Carries out statements one after another, without semicolons at their ends; `CREATE FUNCTION … $$ … $$` is one.
    ///
    /// - Throws: `CassandraError` as `rows`, and `.exists` for what exists already; `target` is the failing statement's
    ///   beginning. Statements before it have been carried out.
    func execute(_ statements: [String]) async throws(CassandraError)

    /// What the server's `DESCRIBE` says, such as `SCHEMA WITH INTERNALS` or `TABLE shop.orders`.
    ///
    /// - Throws: `CassandraError` as `rows`; `.unsupported` before Cassandra 4.0, which has no DESCRIBE of its own.
    func describe(_ what: String) async throws(CassandraError) -> String
}

extension CQLSession {
    /// The rows of one `SELECT JSON …`.
    package func rows(_ select: String) async throws(CassandraError) -> [CQLRow] {
        try await rows([select]).first ?? []
    }

    package func execute(_ statement: String) async throws(CassandraError) { try await execute([statement]) }
}
