import TestSupport
import Testing

@testable import Cassandra

@Suite(.timeLimit(.minutes(5))) struct `A record in a backup` {
    @Test(arguments: Fixture.versions)
    func `of a schema comes back as it was`(version: String) async throws {
        let schema = try await Schema.read(from: Fixture.cql(version))
        #expect(try Schema(document: schema.document) == schema)
        #expect(try schema.document == Schema(document: schema.document).document)
    }

    @Test func `of a node comes back as it was`() throws {
        let record = NodeRecord(
            releaseVersion: "4.1.7",
            clusterName: "Größe \"1\"",
            partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
            hostID: "fb104f10-1ef2-45ae-ac91-864ce62f4256",
            address: "::1",
            datacenter: "dc1",
            rack: "rack1",
            tokens: ["-1", "5"],
            schemaVersion: nil,
            ring: [
                NodeRecord.Member(
                    address: "::1",
                    hostID: nil,
                    datacenter: "dc1",
                    rack: nil,
                    isUp: true,
                    state: "normal"
                )
            ],
            directories: NodeRecord.Directories(data: ["/data"], commitLog: "/log")
        )
        #expect(try NodeRecord(document: record.document) == record)
    }

    @Test func `of a later program is refused as such, and any other as damaged`() throws {
        func code(_ text: String) -> CassandraError.Code? {
            #expect(throws: CassandraError.self) { try Schema(document: text) }?.code
        }
        #expect(code(#"{"format": 2, "other": []}"#) == .unsupported)
        #expect(code(#"{"format": 1, "other": []}"#) == .corrupt)
        #expect(code(#"{"keyspaces": []}"#) == .corrupt)
        #expect(code("") == .corrupt)
        #expect(try Schema(document: #"{"format": 1, "keyspaces": [], "later": 1}"#).keyspaces == [])
    }
}
