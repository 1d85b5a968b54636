import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

/// The names in a container, listed as an account with a hierarchical namespace lists them.
private struct HierarchicalContainer: Sendable {
    let names: [String]
    let pageLimit: Int

    /// With its directories, each before what is in it: the slash counts as less than every other byte.
    private var entries: [AzurePage.Entry] {
        var directories: Set<String> = []
        for name in names {
            let parts = name.split(separator: "/")
            for count in 1..<max(parts.count, 1) { directories.insert(parts[..<count].joined(separator: "/")) }
        }
        let all =
            directories.map { AzurePage.Entry(kind: .directory, name: $0) }
            + names.map { AzurePage.Entry(kind: .blob, name: $0, size: Int64($0.utf8.count)) }
        return all.sorted { Self.order($0.name).lexicographicallyPrecedes(Self.order($1.name)) }
    }

    private static func order(_ name: String) -> [UInt8] { name.utf8.map { $0 == UInt8(ascii: "/") ? 1 : $0 } }

    func page(_ query: AzureListing.Query) -> AzurePage {
        var found = entries.filter { $0.name.hasPrefix(query.prefix) }
        if query.isLevel {
            var seen: Set<AzurePage.Entry> = []
            found = found.compactMap { entry in
                let rest = entry.name.dropFirst(query.prefix.count)
                if let slash = rest.firstIndex(of: "/") {
                    let prefix = AzurePage.Entry(kind: .prefix, name: query.prefix + rest[...slash])
                    return seen.insert(prefix).inserted ? prefix : nil
                }
                guard entry.kind == .directory else { return entry }
                let prefix = AzurePage.Entry(kind: .prefix, name: entry.name + "/")
                return seen.insert(prefix).inserted ? prefix : nil
            }
        }
        let start = query.marker.flatMap { Int($0) } ?? 0
        let end = min(found.count, start + min(query.limit, pageLimit))
        return AzurePage(Array(found[start..<end]), marker: end < found.count ? "\(end)" : nil)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A listing of Azure blobs` {
    private static let names = [
        "a", "a!", "a-b/x", "a.c", "a0", "blobs/00/1", "blobs/00/2.zst", "blobs/00/3", "blobs/01/1", "blobs/01/2",
        "clusters/prod-eu-2/b/x", "clusters/prod-eu/b/backup.json", "clusters/prod-eu/b/nodes/1",
        "clusters/prod-eu/b.x",
        "clusters/prod.x/c", "clusters/prod/b/backup.json", "clusters/prod/b/nodes/1", "clusters/prod/b/nodes/2",
        "clusters/prod/b-1/backup.json", "clusters/prod/b-1/nodes/1", "clusters/prod0", "vault.json", "z/z/z/z",
    ]

    private static func keys(
        _ names: [String],
        prefix: String,
        limit: Int,
        pageLimit: Int,
        location: String = "vault"
    ) async throws -> [String] {
        let container = HierarchicalContainer(names: names, pageLimit: pageLimit)
        let listing = AzureListing(try BucketLocation(location, of: "")) { container.page($0) }
        var keys: [String] = []
        var cursor: ListCursor?
        var pages = 0
        repeat {
            let page = try await listing.page(prefix: prefix, from: cursor, limit: limit)
            #expect(page.objects.count <= limit)
            keys += page.objects.map(\.key.description)
            cursor = page.next
            pages += 1
            try #require(pages < 100, "it never ends")
        } while cursor != nil
        return keys
    }

    @Test(arguments: [1, 2, 3, 7, 1000], [1, 2, 5, 5000])
    func `is in the order of bytes where the account goes by directories`(limit: Int, pageLimit: Int) async throws {
        let sorted = Self.names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for prefix in [
            "", "a", "b", "blobs/", "blobs/00/", "blobs/00/1", "clusters/", "clusters/prod", "clusters/prod/b", "z/z",
            "x",
        ] {
            let keys = try await Self.keys(Self.names, prefix: prefix, limit: limit, pageLimit: pageLimit)
            #expect(keys == sorted.filter { $0.hasPrefix(prefix) }, "prefix \(prefix)")
        }
    }

    @Test func `leaves out what no vault has made, and its own prefix`() async throws {
        let names = ["p/q/a", "p/q/b/c", "p/q/" + String(repeating: "l", count: 256), "p/q-r/x", "p/qq", "other"]
        let keys = try await Self.keys(names, prefix: "", limit: 2, pageLimit: 2, location: "vault/p/q")
        #expect(keys == ["a", "b/c"])
    }

    @Test func `goes on in a directory without asking for it anew`() async throws {
        let container = HierarchicalContainer(names: (0..<30).map { "blobs/00/\($0 + 10)" }, pageLimit: 5000)
        let asked = Recorder<AzureListing.Query>()
        let listing = AzureListing(try BucketLocation("vault", of: "")) { query in
            asked.add(query)
            return container.page(query)
        }
        var cursor: ListCursor?
        var count = 0
        repeat {
            let page = try await listing.page(prefix: "", from: cursor, limit: 10)
            count += page.objects.count
            cursor = page.next
        } while cursor != nil
        #expect(count == 30)
        // The root's flat page and level, that of blobs/, three pages of blobs/00/, and what comes behind it.
        #expect(asked.all.filter { $0.prefix == "blobs/00/" }.map(\.marker) == [nil, "10", "20"])
    }

    @Test func `is read with encoded names, directories, snapshots and a byte order mark`() throws {
        let document = """
            \u{FEFF}<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="c"><Blobs>\
            <Blob><Name> a &amp; b </Name><Properties><Last-Modified>Fri, 20 Nov 2026 21:00:00 GMT</Last-Modified>\
            <Content-Length>5</Content-Length></Properties></Blob>\
            <Blob><Name Encoded="true">x%2Fy%EF%BF%BE%2B</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>\
            <Blob><Name>x%2Fz</Name><Properties><Content-Length>2</Content-Length></Properties></Blob>\
            <Blob><Name>dir</Name><Properties><Content-Length>0</Content-Length><ResourceType>directory</ResourceType>\
            </Properties></Blob>\
            <Blob><Name>old</Name><Properties><Content-Length /></Properties><Metadata><hdi_isfolder>true</hdi_isfolder>\
            </Metadata></Blob>\
            <Blob><Name>snap</Name><Snapshot>2026</Snapshot><Properties><Content-Length>9</Content-Length></Properties></Blob>\
            <BlobPrefix><Name>p/</Name></BlobPrefix></Blobs><NextMarker>2!8!x-</NextMarker></EnumerationResults>
            """
        let page = try AzurePage(Array(document.utf8))
        #expect(
            page.entries == [
                AzurePage.Entry(kind: .blob, name: " a & b ", size: 5, modified: AzureFake.time),
                AzurePage.Entry(kind: .blob, name: "x/y\u{FFFE}+", size: 1),
                AzurePage.Entry(kind: .blob, name: "x%2Fz", size: 2),
                AzurePage.Entry(kind: .directory, name: "dir"), AzurePage.Entry(kind: .directory, name: "old"),
                AzurePage.Entry(kind: .prefix, name: "p/"),
            ]
        )
        #expect(page.marker == "2!8!x-")
    }

    @Test(arguments: [
        "", "<html/>", "<EnumerationResults/>", "<EnumerationResults><Blobs>",
        "<EnumerationResults><Blobs><Blob><Name>a</Name></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs><Blob><Properties><Content-Length>1</Content-Length></Properties></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs><Blob><Name Encoded=\"true\">%zz</Name></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs><Blob><Name>a</Name><Properties><Content-Length>-1</Content-Length></Properties></Blob></Blobs></EnumerationResults>",
    ])
    func `is refused if it is none`(document: String) {
        #expect(throws: XMLError.self) { try AzurePage(Array(document.utf8)) }
    }

    @Test func `keeps names that XML cannot hold`() async throws {
        try await AzureFake.with { store, _ in
            for text in ["a\u{FFFE}b", "a\u{FFFF}", "c"] { _ = try await store.put([1], try ObjectKey(text)) }
            #expect(try await store.keys() == ["a\u{FFFE}b", "a\u{FFFF}", "c"])
            #expect(try await store.keys(prefix: "a\u{FFFE}") == ["a\u{FFFE}b"])
        }
    }
}
