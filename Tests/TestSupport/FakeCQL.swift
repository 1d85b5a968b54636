package import Cassandra
package import SystemPackage
internal import TransferEngine

/// CQL of a node that holds still: rows as they were captured, and a list of what was executed.
package final class FakeCQL: CQLSession {
    private struct State {
        var rows: [String: [CQLRow]] = [:]
        var executed: [String] = []
        var asked: [[String]] = []
        var descriptions: [String: String] = [:]
        var refusal: (@Sendable (String) -> CassandraError?)?
        var beforeAnswer: (@Sendable (FakeCQL, Int) -> Void)?
    }

    private let state = ThreadLock(State())

    package init() {}

    /// A captured node's: each `<keyspace>.<table>.jsonl` of the directory.
    package convenience init(captured directory: FilePath) throws {
        self.init()
        for name in try DirectoryListing(of: directory).names where name.hasSuffix(".jsonl") {
            let text = try SmallFile.text(of: directory.appending(name), limit: 64 << 20)
            var rows: [CQLRow] = []
            for line in text.split(separator: "\n") { rows.append(try CQLRow(json: String(line))) }
            self[String(name.dropLast(6))] = rows
        }
        let described = directory.appending("describe-schema.txt")
        let text = try SmallFile.text(of: described, limit: 64 << 20)
        describe("SCHEMA WITH INTERNALS", as: text)
        describe("SCHEMA", as: text)
    }

    package var means: String { "a node in memory" }

    /// Rows of a table, such as `system_schema.tables`.
    package subscript(table: String) -> [CQLRow] {
        get { state.withLock { $0.rows[table] ?? [] } }
        set { state.withLock { $0.rows[table] = newValue } }
    }

    package var executed: [String] { state.withLock { $0.executed } }
    /// The statements of each call of `rows`.
    package var asked: [[String]] { state.withLock { $0.asked } }

    package func describe(_ what: String, as text: String) { state.withLock { $0.descriptions[what] = text } }

    /// Asked for each statement before it is carried out: what is wrong with it, or nil.
    package func refuse(_ reason: @escaping @Sendable (String) -> CassandraError?) {
        state.withLock { $0.refusal = reason }
    }

    /// Called before each statement of a call of `rows` is answered, with how many were answered before.
    package func beforeAnswer(_ body: @escaping @Sendable (FakeCQL, Int) -> Void) {
        state.withLock { $0.beforeAnswer = body }
    }

    package func rows(_ selects: [String]) async throws(CassandraError) -> [[CQLRow]] {
        let before = state.withLock { state in
            state.asked.append(selects)
            return (body: state.beforeAnswer, count: state.asked.dropLast().reduce(0) { $0 + $1.count })
        }
        var answers: [[CQLRow]] = []
        for (index, select) in selects.enumerated() {
            before.body?(self, before.count + index)
            let words = select.split(separator: " ").map(String.init)
            guard words.starts(with: ["SELECT", "JSON"]), let from = words.firstIndex(of: "FROM"),
                from + 1 < words.count
            else { throw CassandraError(.invalid, "read", select, "no such statement is known here") }
            let columns = words[2..<from].joined().split(separator: ",").map(String.init)
            answers.append(
                self[words[from + 1]].map { row in
                    columns == ["*"] ? row : CQLRow(row.columns.filter { columns.contains($0.key) })
                }
            )
        }
        return answers
    }

    package func execute(_ statements: [String]) async throws(CassandraError) {
        for statement in statements {
            let refusal = state.withLock { state in
                let refusal = state.refusal?(statement)
                if refusal == nil { state.executed.append(statement) }
                return refusal
            }
            if let refusal { throw refusal }
        }
    }

    package func describe(_ what: String) async throws(CassandraError) -> String {
        guard let text = state.withLock({ $0.descriptions[what] }) else {
            throw CassandraError(.unsupported, "describe", what, "no such description is known here")
        }
        return text
    }
}
