import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite struct `Data directories` {
    private let id = "3e7ceda0e53811f1916b25b74eacdfa4"

    @Test func `give every table once, sorted by bytes`() throws {
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let found = try directories.tables()
            #expect(
                found.tables.map(\.description) == [
                    "MixedCase.Events", "MixedCase.plain", "shop.empty_table", "shop.events", "shop.orders",
                    "shop.orders_archive", "shop.profiles", "shop.to_be_dropped", "shop.to_be_truncated",
                ]
            )
            #expect(found.tables.allSatisfy { $0.places.map(\.directoryIndex) == [0, 1] && $0.id?.count == 32 })
            #expect(found.warnings.isEmpty)
        }
    }

    @Test func `name the entries of a filter that match nothing`() throws {
        try Fixture.withDataDirectories("4.1.7") { _, directories in
            let filter = try TableFilter(["shop.orders_archive", "shop.orders", "Shop", "nope"])
            let found = try directories.tables(matching: filter)
            #expect(found.tables.map(\.description) == ["shop.orders_archive"])
            #expect(found.unmatched == ["shop.orders", "Shop", "nope"])
        }
    }

    @Test func `find by patterns, and leave out what is excluded`() throws {
        try Fixture.withDataDirectories("4.1.7") { _, directories in
            func names(_ texts: [String], _ excluded: [String]) throws -> [String] {
                try directories.tables(matching: try TableFilter(texts, excluding: excluded)).tables.map(\.description)
            }
            let patterns = try names(["shop.to_be_*", "Mixed*.plain"], [])
            #expect(patterns == ["MixedCase.plain", "shop.to_be_truncated"])
            let prefix = try names(["shop.orders_archive"], ["shop.orders"])
            #expect(prefix == ["shop.orders_archive"])
            let longer = try names(["shop.orders*"], ["shop.orders_*"])
            #expect(longer == [])
            let nothing = try directories.tables(matching: TableFilter(["shop"], excluding: ["shop"]))
            #expect(nothing.unmatched == ["shop"])
        }
    }

    @Test func `are refused where the level is wrong, with the right one`() throws {
        try Fixture.withDataDirectories("4.1.7") { _, directories in
            let data = directories.paths[0]
            let table = try directories.table("shop.orders_archive").places[0].path
            let above = data.removingLastComponent()
            for (path, hint) in [
                (data.appending("shop"), "the one above, \(data)"),
                (table, "two levels above"),
                (table.appending("snapshots").appending("daily-1"), "two levels above"),
                (above, "but in \(data)"),
            ] {
                let error = #expect(throws: CassandraError.self) { try DataDirectories([path]) }
                #expect(error.map { "\($0)".contains(hint) } == true, "\(error.map { "\($0)" } ?? "")")
            }
        }
    }

    @Test func `are refused where one is missing, a file, empty or there twice`() throws {
        try withTemporaryDirectory { root in
            let data = root.appending("data")
            try FileTree.makeDirectories(data.appending("shop").appending("orders-\(id)"))
            let empty = root.appending("empty")
            try FileTree.makeDirectories(empty.appending("lost+found"))
            let file = root.appending("file")
            try make(file)
            let link = root.appending("link")
            try symlink(to: data, at: link)
            for paths in [[], [root.appending("none")], [file], [empty], [data, data], [data, link]] {
                #expect(throws: CassandraError.self) { try DataDirectories(paths) }
            }
            #expect(try DataDirectories([data, empty]).tables().tables.count == 1)
            #expect(try DataDirectories([empty], allowEmpty: true).tables().tables == [])
        }
    }

    @Test func `may reach keyspaces and tables through symbolic links, and report what is odd`() throws {
        try withTemporaryDirectory { root in
            let data = root.appending("data")
            let elsewhere = root.appending("elsewhere")
            try FileTree.makeDirectories(data.appending("shop").appending("orders-\(id)"))
            try FileTree.makeDirectories(elsewhere.appending("moved").appending("t-\(id)"))
            try symlink(to: elsewhere.appending("moved"), at: data.appending("moved"))
            try symlink(to: elsewhere.appending("moved").appending("t-\(id)"), at: data.appending("shop/t-\(id)"))
            try symlink(to: FilePath("nowhere"), at: data.appending("broken"))
            try make(data.appending("a_file"))
            try FileTree.makeDirectories(data.appending("not-a-keyspace"))
            try FileTree.makeDirectories(data.appending("shop").appending("not a table\n"))
            let found = try DataDirectories([data]).tables()
            #expect(found.tables.map(\.description) == ["moved.t", "shop.orders", "shop.t"])
            #expect(found.warnings.count == 4)
            #expect(found.warnings.texts.allSatisfy { !$0.contains("\n") })
        }
    }

    @Test func `keep two tables of one name apart by id`() throws {
        try withTemporaryDirectory { root in
            let other = "0000eda0e53811f1916b25b74eacdfa4"
            try FileTree.makeDirectories(root.appending("shop").appending("orders-\(id)"))
            try FileTree.makeDirectories(root.appending("shop").appending("orders-\(other)"))
            #expect(try DataDirectories([root]).tables().tables.map(\.id) == [other, id])
        }
    }

    @Test func `name the snapshots that a user may mean`() throws {
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let tags = try directories.snapshotTags()
            #expect(tags.map(\.tag.name) == ["daily-1", "daily-2"])
            // to_be_dropped was gone when daily-2 was taken.
            #expect(tags.map(\.tables) == [9, 8])
        }
    }

    @Test func `do not name a repair's snapshots`() throws {
        try withTemporaryDirectory { root in
            let snapshots = root.appending("shop").appending("orders-\(id)").appending("snapshots")
            for tag in ["old", "new", "kept", "ringvault-1", "dropped-1-orders"] {
                try FileTree.makeDirectories(snapshots.appending(tag))
            }
            try make(snapshots.appending("old").appending("ephemeral.snapshot"))
            try make(snapshots.appending("new").appending("manifest.json"), "{\"files\":[],\n \"ephemeral\" : true }")
            try make(snapshots.appending("kept").appending("manifest.json"), "{\"files\":[], \"ephemeral\" : false }")
            #expect(try DataDirectories([root]).snapshotTags().map(\.tag.name) == ["kept"])
        }
    }
}
