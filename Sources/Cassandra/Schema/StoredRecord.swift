internal import FoundationEssentials

/// What a backup keeps as a JSON document of this program's own: a schema, what a node was.
package protocol StoredRecord: Codable, Sendable {
    /// Raised when an older program could no longer restore by it.
    static var currentFormat: Int { get }
    /// What it is, for messages: `"the schema"`.
    static var subject: String { get }
    var format: Int { get }
}

extension StoredRecord {
    /// Reads a document.
    ///
    /// - Throws: `CassandraError`: `.corrupt` for what is no such document, `.unsupported` for one of a later program.
    package init(document text: String) throws(CassandraError) {
        let data = Data(text.utf8)
        do {
            // First, as a later document need not have the members of this one.
            guard try JSONDecoder().decode(Format.self, from: data).format <= Self.currentFormat else {
                throw CassandraError(.unsupported, "read", Self.subject, "a later ringvault has written it")
            }
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch let error as CassandraError {
            throw error
        } catch {
            throw CassandraError(.corrupt, "read", Self.subject, "it is not as it was written", cause: error)
        }
    }

    /// The document, for people as well.
    package var document: String {
        get throws(CassandraError) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            do {
                return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
            } catch {
                throw CassandraError(.system, "write", Self.subject, "", cause: error)
            }
        }
    }
}

/// What every record begins with.
private struct Format: Decodable {
    let format: Int
}

extension Schema: StoredRecord {
    package static let subject = "the backup's schema"
}

extension NodeRecord: StoredRecord {
    package static let currentFormat = 1
    package static let subject = "the backup's record of its node"
}
