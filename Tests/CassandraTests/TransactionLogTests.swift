import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

/// A line as a node writes it.
func record(_ kind: String, _ path: String = "", time: Int64 = 0, files: Int32 = 0) -> String {
    var bytes = Array(path.utf8) + Array(kind.utf8)
    for number in [UInt32(truncatingIfNeeded: time), UInt32(truncatingIfNeeded: time >> 32), UInt32(bitPattern: files)]
    {
        bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }
    return "\(kind):[\(path),\(time),\(files)][\(TransactionLog.crc32(bytes))]\n"
}

@Suite struct `A transaction log` {
    private let directory = "/var/lib/cassandra/data/shop/\(HandMadeTable.directory)"
    private let name = "nb_txn_compaction_6ec98d70-e538-11f1-916b-25b74eacdfa4.log"

    @Test func `has the checksums that Cassandra writes`() {
        #expect(record("COMMIT") == "COMMIT:[,0,0][2613697770]\n")
        #expect(TransactionLog.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    }

    @Test(arguments: [
        ("nb_txn_compaction_6ec98d70-e538-11f1-916b-25b74eacdfa4.log", true),
        ("nb_txn_anticompaction_after_repair_6ec98d70.log", true), ("bti-da_txn_flush_6ec98d70.log", true),
        ("txn_flush_6ec98d70.log", true), ("nb-1-big-Data.db", false), ("nb_txn_flush_1.txt", false),
        ("system.log", false), ("abc_txn_flush_1.log", false),
    ])
    func `is known by its name`(name: String, isLog: Bool) {
        #expect(TransactionLog.isName(name) == isLog)
    }

    @Test func `is committed or aborted by its last line only`() {
        let add = record("ADD", "\(directory)/nb-9-big", files: 8)
        let remove = record("REMOVE", "\(directory)/nb-4-big", time: 1_795_216_561_000, files: 8)
        #expect(TransactionLog(add + remove).outcome == .unfinished)
        #expect(TransactionLog(add + remove).notLive.map(\.prefix) == ["nb-9-big"])
        #expect(TransactionLog(add + remove + record("COMMIT")).notLive.map(\.prefix) == ["nb-4-big"])
        #expect(TransactionLog(add + remove + record("ABORT")).notLive.map(\.prefix) == ["nb-9-big"])
        let early = TransactionLog(record("COMMIT") + add)
        #expect(early.outcome == .unfinished && early.damagedLines == 1)
        #expect(TransactionLog("").outcome == .unfinished)
    }

    @Test func `is applied without damaged lines, and a cut last one does not count`() {
        let add = record("ADD", "\(directory)/nb-9-big", files: 8)
        let cut = TransactionLog(add + "COMMIT:[,0,0][26136977")
        #expect(cut.outcome == .unfinished && cut.damagedLines == 0)
        let damaged = TransactionLog("ADD:[\(directory)/nb-8-big,0,8][1]\nnonsense\n" + add + record("COMMIT"))
        #expect(damaged.damagedLines == 2 && damaged.outcome == .committed)
        #expect(damaged.added.map(\.prefix) == ["nb-9-big"])
    }

    @Test(arguments: [
        ("", ["nb-1-big", "nb-2-big"]), ("ABORT", ["nb-1-big", "nb-2-big"]), ("COMMIT", ["nb-3-big"]),
    ])
    func `decides which SSTables are live`(last: String, live: [String]) throws {
        try HandMadeTable.with { made in
            for sstable in ["nb-1-big", "nb-2-big", "nb-3-big"] { try made.add(sstable) }
            // Its name starts with that of one that is added.
            try made.add("nb-33-big")
            let log =
                record("ADD", "\(directory)/nb-3-big", files: 3)
                + record("REMOVE", "\(directory)/nb-1-big", time: try made.newest("nb-1-big"), files: 3)
                + record("REMOVE", "\(directory)/nb-2-big", time: try made.newest("nb-2-big"), files: 3)
            try make(made.path().appending(name), log + (last.isEmpty ? "" : record(last)))
            let listing = try made.live()
            #expect(listing.groups.compactMap(\.sstable) == live + ["nb-33-big"])
            #expect(listing.groups.allSatisfy { $0.sstable != nil })
        }
    }

    @Test func `does not make files obsolete that were copied here under the name later`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            let before = try made.newest("nb-1-big") - 60_000
            try make(
                made.path().appending(name),
                record("REMOVE", "\(directory)/nb-1-big", time: before, files: 3) + record("COMMIT")
            )
            let listing = try made.live()
            #expect(listing.groups.compactMap(\.sstable) == ["nb-1-big"])
            #expect(listing.warnings.texts.contains { $0.contains("its files are others") })
        }
    }

    @Test func `is read without harm where files to be removed are missing before it is committed`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            try make(made.path().appending(name), record("REMOVE", "\(directory)/nb-1-big", time: 1, files: 9))
            let listing = try made.live()
            #expect(listing.groups.compactMap(\.sstable) == ["nb-1-big"])
            #expect(listing.warnings.texts.contains { $0.contains("no log explains it") })
        }
    }

    @Test func `says nothing of another table's or an index's SSTable of that name`() throws {
        try HandMadeTable.with { made in
            try made.add("nb-1-big")
            try made.add(".idx/nb-1-big")
            try make(
                made.path().appending(".idx").appending(name),
                record("ADD", "\(directory)/.idx/nb-1-big", files: 3) + record("ADD", "\(directory)/nb-1-big", files: 3)
            )
            #expect(try made.live().groups.compactMap(\.sstable) == ["nb-1-big"])
        }
    }

    @Test func `is applied behind a symbolic link, where the node's path is another`() throws {
        try withTemporaryDirectory { root in
            let real = root.appending("big_disk").appending("orders")
            let data = root.appending("data")
            try FileTree.makeDirectories(data.appending("shop"))
            try make(real.appending("nb-1-big-Data.db"))
            try make(real.appending("nb-1-big-TOC.txt"))
            try make(real.appending(name), record("ADD", "\(real)/nb-1-big", files: 2))
            try symlink(to: real, at: data.appending("shop").appending(HandMadeTable.directory))
            let table = try DataDirectories([data]).table("shop.t")
            let listing = try TableListing(table, source: .live)
            #expect(listing.isPresent && listing.fileCount == 0)
        }
    }
}
