import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite struct `A live snapshot` {
    private let tag = "ringvault-20261121"

    @Test(arguments: Fixture.versions)
    func `has hard links to all live files, and is removed without a trace`(version: String) throws {
        try Fixture.withDataDirectories(version) { _, directories in
            let tables = try directories.tables().tables
            let snapshot = try LiveSnapshot(directories, tag: SnapshotTag(tag))
            #expect(try snapshot.make(for: tables).isEmpty)
            for table in tables {
                let live = Array(try TableListing(table, source: .live).groups)
                let listing = try TableListing(table, source: .snapshot(snapshot.tag))
                #expect(listing.isPresent && listing.warnings.isEmpty)
                let linked = Array(listing.groups)
                #expect(linked.map(\.components) == live.map(\.components))
                for (left, right) in zip(live, linked) {
                    for component in left.components {
                        let inodes = try [left, right].map { try FileStatus(of: $0.base.appending(component)).inode }
                        #expect(inodes[0] == inodes[1])
                    }
                }
            }
            try snapshot.remove()
            try snapshot.remove()
            for table in tables {
                #expect(try !TableListing(table, source: .snapshot(snapshot.tag)).isPresent)
            }
            #expect(try directories.snapshotTags().map(\.tag.name) == ["daily-1", "daily-2"])
        }
    }

    @Test func `is only made and removed under our prefix`() throws {
        try HandMadeTable.with { made in
            for name in ["daily-1", "ringvault", "Ringvault-1"] {
                #expect(throws: CassandraError.self) {
                    try LiveSnapshot(made.directories, tag: SnapshotTag(name))
                }
            }
        }
    }

    @Test func `is made again where a file vanishes, and never has half an SSTable`() throws {
        try HandMadeTable.with(places: 2) { made in
            try made.add("nb-1-big")
            try made.add("nb-2-big", place: 1)
            var attempts = 0
            let snapshot = try LiveSnapshot(made.directories, tag: SnapshotTag(tag))
            _ = try snapshot.make(for: [made.table]) { _ in
                attempts += 1
                guard attempts == 1 else { return }
                mustSucceed {
                    try made.remove("nb-2-big", place: 1)
                    try made.add("nb-3-big", place: 0)
                }
            }
            #expect(attempts == 2)
            let listing = try TableListing(made.table, source: .snapshot(snapshot.tag))
            #expect(listing.groups.compactMap(\.sstable) == ["nb-1-big", "nb-3-big"])
            #expect(listing.groups.allSatisfy { $0.components.count == 3 })
        }
    }

    @Test func `is made again where an SSTable appears, as it may replace one that was not seen`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            var attempts = 0
            let snapshot = try LiveSnapshot(made.directories, tag: SnapshotTag(tag))
            _ = try snapshot.make(for: [made.table]) { _ in
                attempts += 1
                if attempts < 3 { mustSucceed { try made.add("nb-9\(attempts)-big") } }
            }
            #expect(attempts == 3)
            #expect(try TableListing(made.table, source: .snapshot(snapshot.tag)).fileCount == 9)
        }
    }

    @Test func `gives up with a clear error, leaving nothing`() throws {
        try HandMadeTable.with { made in
            var attempts = 0
            let snapshot = try LiveSnapshot(made.directories, tag: SnapshotTag(tag))
            let error = #expect(throws: CassandraError.self) {
                try snapshot.make(for: [made.table]) { _ in
                    attempts += 1
                    mustSucceed { try made.add("nb-\(attempts)-big") }
                }
            }
            #expect(error?.code == .changing)
            #expect(error.map { "\($0)".contains("shop.t: it did not stand still in 20 attempts") } == true)
            #expect(attempts == LiveSnapshot.attempts)
            #expect(try !TableListing(made.table, source: .snapshot(snapshot.tag)).isPresent)
        }
    }

    @Test func `replaces what an earlier run left`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            let snapshot = try LiveSnapshot(made.directories, tag: SnapshotTag(tag))
            try make(SnapshotDirectory(snapshot.tag, in: made.path()).path.appending("nb-7-big-Data.db"))
            _ = try snapshot.make(for: [made.table])
            let listing = try TableListing(made.table, source: .snapshot(snapshot.tag))
            #expect(listing.groups.map(\.key) == ["nb-1-big"])
        }
    }

    @Test func `leaves out a table dropped meanwhile`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            let snapshot = try LiveSnapshot(made.directories, tag: SnapshotTag(tag))
            _ = try snapshot.make(for: [made.table]) { _ in
                mustSucceed { try FileTree.removeAll(made.path()) }
            }
            #expect(throws: FileError.self) { try FileStatus(of: made.path()) }
            try snapshot.remove()
        }
    }

    @Test func `is removed also from tables that came later, and from nothing else`() throws {
        try HandMadeTable.with { made in
            let snapshot = try LiveSnapshot(made.directories, tag: SnapshotTag(tag))
            let shop = made.directories.paths[0].appending("shop")
            let later = shop.appending("later-3e7ceda0e53811f1916b25b74eacdfa4").appending("snapshots")
            try make(later.appending(tag).appending("nb-1-big-Data.db"))
            try make(later.appending("\(tag)-2").appending("nb-1-big-Data.db"))
            try make(later.appending("daily-1").appending("nb-1-big-Data.db"))
            try snapshot.remove()
            #expect(try DirectoryListing(of: later).names == ["daily-1", "\(tag)-2"])
        }
    }
}

/// For a closure that cannot throw: an error is a failure of the test.
private func mustSucceed(_ body: () throws -> Void) {
    do { try body() } catch { Issue.record(error) }
}
