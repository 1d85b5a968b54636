import Operations
import SystemPackage
import TestSupport

@testable import Cassandra

/// The captured nodes of Tests/Fixtures.
enum Fixture {
    static let versions = ["3.11.17", "4.0.14", "4.1.7", "5.0.1"]

    /// The directory with all tests.
    static let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()

    static func node(_ version: String) throws -> CapturedNode {
        try CapturedNode(tests.appending("Fixtures").appending("cassandra").appending(version))
    }

    /// Rebuilds the node's data directories for the time of `body`.
    static func withDataDirectories<Result>(
        _ version: String,
        _ body: (CapturedNode, DataDirectories) throws -> Result
    ) throws -> Result {
        let node = try node(version)
        return try withTemporaryDirectory { root in
            try node.rebuild(in: root)
            return try body(node, DataDirectories(node.dataDirectories.map { root.appending($0) }))
        }
    }
}

extension DataDirectories {
    /// `shop.orders`, of which there is one.
    func table(_ name: String) throws -> Table {
        guard let table = try tables(matching: TableFilter([name])).tables.first else {
            throw CassandraError(.notFound, "find", name, "")
        }
        return table
    }
}

extension TableListing {
    /// Every file's path, from the data directory's name on: as files.tsv has it.
    func capturedPaths(below root: FilePath) -> [String] {
        groups.flatMap { group in
            group.components.map { component in
                String(group.base.appending(component).string.dropFirst(root.string.utf8.count + 1))
            }
        }
    }
}
