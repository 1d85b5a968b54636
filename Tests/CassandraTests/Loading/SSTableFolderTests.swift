import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite struct `The SSTables of a directory` {
    @Test(arguments: Fixture.versions) func `of a captured node are whole`(version: String) throws {
        try Fixture.withDataDirectories(version) { _, directories in
            var count = 0
            for table in try directories.tables().tables {
                for place in table.places {
                    let folder = try SSTableFolder(place.path)
                    #expect(folder.torn.isEmpty)
                    #expect(folder.sets.allSatisfy { $0.components.contains("Data.db") })
                    count += folder.sets.count
                }
            }
            #expect(count > 10)
        }
    }

    @Test func `keep SAI's components and leave out directories of indexes and snapshots`() throws {
        try Fixture.withDataDirectories("5.0.1") { _, directories in
            let products = try directories.table("shop.products")
            let folder = try SSTableFolder(try #require(products.places.first).path)
            #expect(folder.sets.contains { $0.components.contains { $0.hasPrefix("SAI+") } })
        }
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let orders = try directories.table("shop.orders")
            for place in orders.places {
                let names = try SSTableFolder(place.path).sets.map(\.prefix)
                #expect(names.allSatisfy { !$0.contains("/") })
                #expect(try SSTableFolder(place.path).otherFiles.isEmpty)
            }
        }
    }

    @Test func `that lack what Cassandra needs are told as torn`() throws {
        try withTemporaryDirectory { root in
            try makeSet(root, "nb-1-big", without: "Data.db")
            try makeSet(root, "nb-2-big", without: "Statistics.db")
            try makeSet(root, "nb-3-big", without: "Index.db")
            try makeSet(root, "nb-4-big", without: "CompressionInfo.db")
            try makeSet(root, "nb-5-big", without: "Summary.db")
            try makeSet(root, "da-6-bti", without: "Index.db")
            try make(root.appending("manifest.json"), "{}")
            let folder = try SSTableFolder(root)
            let torn = folder.torn.map { [$0.prefix] + $0.missing }
            #expect(
                torn == [
                    ["da-6-bti", "Partitions.db", "Index.db"], ["nb-1-big", "Data.db"], ["nb-2-big", "Statistics.db"],
                    ["nb-3-big", "Index.db"], ["nb-4-big", "CompressionInfo.db"],
                ]
            )
            #expect(folder.otherFiles == ["manifest.json"])
        }
    }

    @Test func `of a directory that is not there are none`() throws {
        try withTemporaryDirectory { root in
            let sets = try SSTableFolder(root.appending("none")).sets
            #expect(sets.isEmpty)
        }
    }
}

/// Makes an SSTable's files, each with its own name as content, and a `TOC.txt` that lists all, also the one left out.
func makeSet(_ directory: FilePath, _ prefix: String, without missing: String? = nil) throws {
    let components = [
        "CompressionInfo.db", "Data.db", "Filter.db", "Index.db", "Statistics.db", "Summary.db", "TOC.txt",
    ]
    for component in components where component != missing && component != "TOC.txt" {
        try make(directory.appending("\(prefix)-\(component)"), "\(prefix) \(component)")
    }
    try make(directory.appending("\(prefix)-TOC.txt"), components.joined(separator: "\n") + "\n")
}
