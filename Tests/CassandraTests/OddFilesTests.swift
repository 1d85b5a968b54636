import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

/// A table `shop.t` in `places` data directories, filled by hand.
struct HandMadeTable {
    let directories: DataDirectories
    let table: Table

    static func with(places: Int = 1, _ body: (HandMadeTable) throws -> Void) throws {
        try withTemporaryDirectory { root in
            let paths = (0..<places).map { root.appending("data\($0)") }
            for path in paths { try FileTree.makeDirectories(path.appending("shop").appending(directory)) }
            let directories = try DataDirectories(paths)
            try body(HandMadeTable(directories: directories, table: directories.table("shop.t")))
        }
    }

    static let directory = "t-3e7ceda0e53811f1916b25b74eacdfa4"

    func path(_ place: Int = 0) -> FilePath { table.places[place].path }

    /// Makes an SSTable of three components.
    func add(_ sstable: String, place: Int = 0, text: String = "data") throws {
        for component in ["Data.db", "Statistics.db", "TOC.txt"] {
            try make(path(place).appending("\(sstable)-\(component)"), text)
        }
    }

    func remove(_ sstable: String, place: Int = 0) throws {
        for component in ["Data.db", "Statistics.db", "TOC.txt"] {
            try FileTree.remove(path(place).appending("\(sstable)-\(component)"))
        }
    }

    /// Milliseconds since 1970.
    func newest(_ sstable: String) throws -> Int64 {
        try ["Data.db", "Statistics.db", "TOC.txt"]
            .map { try FileStatus(of: path().appending("\(sstable)-\($0)")).modified / 1_000_000 }.max() ?? 0
    }

    func live() throws -> TableListing { try TableListing(table, source: .live) }
}

@Suite struct `Odd files in a table's directory` {
    @Test func `are left out with a warning each`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            let path = made.path()
            try symlink(to: path.appending("nb-1-big-Data.db"), at: path.appending("nb-2-big-Data.db"))
            try makePipe(at: path.appending("nb-3-big-Data.db"))
            try make(path.appending("tmp-la-1-big-Data.db"))
            try make(path.appending("nb-1-big-Statistics.db.tmp"))
            try FileTree.makeDirectories(path.appending("a_directory"))
            try FileTree.makeDirectories(path.appending("snapshots").appending("x"))
            try FileTree.makeDirectories(path.appending("backups"))
            try make(path.appending("backups").appending("nb-9-big-Data.db"))
            try withFile([0x6E, 0xFF, 0x62], in: path) {
                let listing = try made.live()
                #expect(listing.groups.map(\.key) == ["nb-1-big"])
                #expect(listing.fileCount == 3)
                #expect(listing.warnings.count == 6)
                #expect(listing.warnings.texts.contains { $0.contains("n\\xffb") })
            }
        }
    }

    @Test func `are warned of in limited number, and counted`() throws {
        try HandMadeTable.with { made in
            for index in 0..<50 { try make(made.path().appending("nb-\(index)-big-Statistics.db.tmp")) }
            let warnings = try made.live().warnings
            #expect(warnings.texts.count == Warnings.limit)
            #expect(warnings.omitted == 50 - Warnings.limit)
        }
    }

    @Test func `are kept where a name is merely strange`() throws {
        try HandMadeTable.with { made in
            let tag = try SnapshotTag("s")
            let base = SnapshotDirectory(tag, in: made.path()).path
            let long = String(repeating: "é", count: 127) + "x"
            let names = ["line\nbreak", long, "shop-t-ka-1-Data.db", "nb-1-big", "nb-1-big!", "e\u{301}", "\u{e9}"]
            for name in names { try make(base.appending(name)) }
            try make(base.appending("nb-1-big-Data.db"))
            try make(base.appending(".idx").appending("nb-1-big-Data.db"))
            try make(base.appending(".idx-").appending("nb-1-big-Data.db"))
            let listing = try TableListing(made.table, source: .snapshot(tag))
            let groups = Array(listing.groups)
            #expect(groups.count == names.count + 2)
            #expect(zip(groups, groups.dropFirst()).allSatisfy { !$1.key.precedes($0.key) })
            #expect(groups.filter { $0.key == "nb-1-big" }.map(\.sstable) == [nil, "nb-1-big"])
            #expect(groups.contains { $0.sstable == ".idx/nb-1-big" })
            #expect(groups.contains { $0.key.utf8.count == 255 })
            // `.idx-` cannot be an index's.
            #expect(listing.warnings.count == 1)
        }
    }

    @Test func `do not make an SSTable live that has no data, but one received without table of contents is`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            try made.add("nb-2-big")
            try made.add("nb-3-big")
            try FileTree.remove(made.path().appending("nb-2-big-TOC.txt"))
            try FileTree.remove(made.path().appending("nb-3-big-Data.db"))
            let listing = try made.live()
            #expect(listing.groups.compactMap(\.sstable) == ["nb-1-big", "nb-2-big"])
            #expect(listing.warnings.count == 1)
        }
    }

    @Test func `of two data directories are merged by name, then by directory`() throws {
        try HandMadeTable.with(places: 2) { made in
            for (sstable, place) in [
                ("nb-2-big", 0), ("nb-1-big", 1), ("nb-10-big", 0), ("nb-3-big", 1), ("nb-3-big", 0),
            ] {
                try made.add(sstable, place: place)
            }
            let groups = Array(try made.live().groups)
            #expect(groups.map(\.key) == ["nb-1-big", "nb-10-big", "nb-2-big", "nb-3-big", "nb-3-big"])
            #expect(groups.map(\.directoryIndex) == [1, 0, 0, 0, 1])
            #expect(groups.allSatisfy { $0.base == made.path($0.directoryIndex) && $0.components.count == 3 })
        }
    }
}
