import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite struct `A table's listing` {
    @Test(arguments: Fixture.versions)
    func `has every captured file of its source exactly once and none other`(version: String) throws {
        try Fixture.withDataDirectories(version) { node, directories in
            let tables = try directories.tables().tables
            let root = directories.paths[0].removingLastComponent()
            for source in try [FileSource.live, .snapshot(SnapshotTag("daily-1")), .snapshot(SnapshotTag("daily-2"))] {
                var found: [String] = []
                var bytes: Int64 = 0
                for table in tables {
                    let listing = try TableListing(table, source: source, measuring: true)
                    #expect(listing.warnings.isEmpty)
                    let paths = listing.capturedPaths(below: root)
                    #expect(listing.fileCount == paths.count)
                    found += paths
                    bytes += try #require(listing.byteCount)
                    checkOrder(of: Array(listing.groups))
                }
                let expected = node.files.map(\.path).filter { path in
                    let parts = path.split(separator: "/", maxSplits: 5)
                    return switch source {
                    case .live: parts[3] != "snapshots" && parts[3] != "backups"
                    case .snapshot(let tag): parts[3] == "snapshots" && parts[4] == tag.name
                    }
                }
                #expect(!expected.isEmpty)
                #expect(found.sorted() == expected.sorted())
                let names = Set(expected)
                #expect(bytes == node.files.reduce(0) { $0 + (names.contains($1.path) ? $1.size : 0) })
            }
        }
    }

    /// Groups ascend by key and data directory, components by their bytes.
    private func checkOrder(of groups: [SSTableFiles]) {
        for (left, right) in zip(groups, groups.dropFirst()) {
            #expect(
                left.key.precedes(right.key) || left.key == right.key && left.directoryIndex < right.directoryIndex
            )
        }
        for group in groups {
            #expect(zip(group.components, group.components.dropFirst()).allSatisfy { $0.precedes($1) })
            if let sstable = group.sstable {
                #expect(group.components.contains("\(sstable)-Data.db"))
                #expect(group.components.allSatisfy { $0.hasPrefix("\(sstable)-") })
            } else {
                #expect(group.components == ["manifest.json"] || group.components == ["schema.cql"])
            }
        }
    }

    @Test func `keeps an index's twin apart from the table's SSTable of the same name`() throws {
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let listing = try TableListing(directories.table("shop.orders"), source: .snapshot(SnapshotTag("daily-1")))
            let prefixes = listing.groups.compactMap(\.sstable)
            let twins = prefixes.filter { prefixes.contains(".orders_customer_idx/\($0)") }
            #expect(!twins.isEmpty)
            #expect(Set(prefixes).count == prefixes.count)
        }
    }

    @Test func `gives another file under the same name after a truncation`() throws {
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let table = try directories.table("shop.to_be_truncated")
            func inodes(_ tag: String) throws -> [String: UInt64] {
                var inodes: [String: UInt64] = [:]
                for group in try TableListing(table, source: .snapshot(SnapshotTag(tag))).groups {
                    for component in group.components where group.sstable != nil {
                        let status = try FileStatus(of: group.base.appending(component))
                        inodes["\(group.directoryIndex)/\(component)"] = status.inode
                    }
                }
                return inodes
            }
            let (first, second) = (try inodes("daily-1"), try inodes("daily-2"))
            let shared = Set(first.keys).intersection(second.keys)
            #expect(!shared.isEmpty)
            #expect(shared.allSatisfy { first[$0] != second[$0] })
        }
    }

    @Test func `shows a rewritten Statistics.db of the same name and size as another file`() throws {
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let table = try directories.table("shop.orders_archive")
            let after = try TableListing(table, source: .snapshot(SnapshotTag("daily-2")))
            var rewritten: [String] = []
            for group in after.groups where group.sstable != nil {
                let before = SnapshotDirectory(
                    try SnapshotTag("daily-1"),
                    in: group.base.removingLastComponent().removingLastComponent()
                ).path
                for component in group.components {
                    guard let old = try? FileStatus(of: before.appending(component)) else { continue }
                    let new = try FileStatus(of: group.base.appending(component))
                    #expect(old.size == new.size)
                    if old.inode != new.inode {
                        #expect(old.modified != new.modified)
                        rewritten.append(group.componentName(component))
                    }
                }
            }
            #expect(!rewritten.isEmpty)
            #expect(Set(rewritten) == ["Statistics.db"])
        }
    }

    @Test func `has no files of a dropped table but those of the snapshot asked for`() throws {
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let table = try directories.table("shop.to_be_dropped")
            #expect(try TableListing(table, source: .live).fileCount == 0)
            #expect(try !TableListing(table, source: .snapshot(SnapshotTag("daily-2"))).isPresent)
            let daily = try TableListing(table, source: .snapshot(SnapshotTag("daily-1")))
            #expect(daily.isPresent && daily.fileCount > 0)
            let dropped = try #require(
                try SnapshotDirectory.tags(in: table.places[0].path).first { $0.name.hasPrefix("dropped-") }
            )
            #expect(try TableListing(table, source: .snapshot(dropped)).fileCount > 0)
        }
    }

    @Test func `has names with a plus and files of zero bytes`() throws {
        try Fixture.withDataDirectories("5.0.1") { _, directories in
            let listing = try TableListing(directories.table("shop.products"), source: .live)
            let group = try #require(listing.groups.first { _ in true })
            let names = group.components.map(group.componentName)
            #expect(names.contains("SAI+aa+products_price_sai+BalancedTree.db"))
            let empty = try group.components.filter { try FileStatus(of: group.base.appending($0)).size == 0 }
            #expect(!empty.isEmpty)
        }
    }

    @Test func `has integer and UUID ids side by side`() throws {
        try Fixture.withDataDirectories("4.1.7") { _, directories in
            let listing = try TableListing(directories.table("shop.sessions"), source: .live)
            let ids = listing.groups.compactMap { SSTableName($0.components[0])?.id }
            #expect(ids.contains { if case .integer = $0 { true } else { false } })
            #expect(ids.contains { if case .uuid = $0 { true } else { false } })
        }
    }

    @Test func `is absent for a tag that the table does not have`() throws {
        try Fixture.withDataDirectories("4.1.7") { _, directories in
            let table = try directories.table("shop.orders_archive")
            let listing = try TableListing(table, source: .snapshot(SnapshotTag("no-such-tag")))
            #expect(!listing.isPresent)
            #expect(Array(listing.groups) == [])
        }
    }
}
