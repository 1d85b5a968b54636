/// Lists blobs in the order of their bytes, whatever kind of namespace the account has.
///
/// A flat one lists in that order by itself. A hierarchical one lists directory by directory: `a`, `a/x`, `a-b`, `a-b/x`, where
/// bytes want `a-b/x` first (https://github.com/Azure/azure-sdk-for-go/issues/24210). Each directory there is an entry
/// before what is in it, so a listing goes on flatly until it meets one. The level that holds it is then read as a
/// whole and sorted, and each directory below it listed in its place in the same way.
struct AzureListing: Sendable {
    /// What is asked of the service for one page.
    struct Query: Sendable, Hashable {
        /// Of the blobs' whole names.
        var prefix: String
        var marker: String?
        var limit: Int
        /// Whether names are cut behind the next slash.
        var isLevel = false
        /// What the caller of the store asked for, for errors.
        var asked: String

        /// What the service gives at most.
        static let most = 5000

        var parameters: [(name: String, value: String)] {
            var parameters = [
                (name: "comp", value: "list"), ("maxresults", "\(max(1, min(limit, Self.most)))"),
                ("restype", "container"),
            ]
            if isLevel { parameters.append(("delimiter", "/")) }
            if let marker { parameters.append(("marker", marker)) }
            if !prefix.isEmpty { parameters.append(("prefix", prefix)) }
            return parameters
        }
    }

    private let container: BucketLocation
    private let fetch: @Sendable (Query) async throws(StoreError) -> AzurePage

    init(_ container: BucketLocation, fetch: @escaping @Sendable (Query) async throws(StoreError) -> AzurePage) {
        self.container = container
        self.fetch = fetch
    }

    func page(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        let whole = container.name(ofPrefix: prefix)
        var work = Work(asked: prefix, limit: max(1, limit))
        do throws(Full) {
            switch cursor.map(Place.init) ?? .inside(whole, marker: nil, last: "") {
            case .inside(let part, let marker, let last):
                work.last = last
                try await flat(part, marker, &work)
                guard part != whole else { break }
                // What comes behind that directory: no name is greater than one with this byte.
                try await level(whole, from: Array(part.utf8) + [0xFF], &work)
            case .at(let name): try await level(whole, from: Array(name.utf8), &work)
            }
        } catch {
            switch error {
            case .page(let place): return ListPage(objects: work.objects, next: ListCursor(place.text))
            case .failed(let error): throw error
            }
        }
        return ListPage(objects: work.objects, next: nil)
    }

    /// A page that is being filled.
    private struct Work {
        let asked: String
        let limit: Int
        var objects: [ObjectInfo] = []
        /// The last name that was seen; empty: none yet.
        var last = ""

        var room: Int { limit - objects.count }
    }

    /// Why a page ends before the listing does.
    private enum Full: Error {
        case page(Place)
        case failed(StoreError)
    }

    /// Lists what begins with `prefix` as the service does, until that is known not to be the order of bytes.
    private func flat(_ prefix: String, _ start: String?, _ work: inout Work) async throws(Full) {
        let page = try await read(Query(prefix: prefix, marker: start, limit: work.room, asked: work.asked))
        for entry in page.entries {
            guard entry.kind == .blob else {
                return try await level(prefix, from: Array(work.last.utf8) + [0], &work)  // the least that comes next
            }
            take(entry, &work)
        }
        if let marker = page.marker { throw .page(.inside(prefix, marker: marker, last: work.last)) }
    }

    /// Lists what begins with `prefix` and is not less than `start`.
    private func level(_ prefix: String, from start: [UInt8], _ work: inout Work) async throws(Full) {
        var entries: [AzurePage.Entry] = []
        var marker: String?
        repeat {
            let query = Query(prefix: prefix, marker: marker, limit: Query.most, isLevel: true, asked: work.asked)
            let page = try await read(query)
            if let next = page.marker, next == marker {
                throw .failed(StoreError(.corrupt, "list", work.asked, cause: ListingError()))
            }
            entries += page.entries
            marker = page.marker
        } while marker != nil
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for entry in entries {
            switch entry.kind {
            case .directory: continue  // Its prefix is an entry too.
            case .blob:
                guard !entry.name.utf8.lexicographicallyPrecedes(start) else { continue }
                if work.room == 0 { throw .page(.at(entry.name)) }
                take(entry, &work)
            case .prefix:
                guard start.lexicographicallyPrecedes(Array(entry.name.utf8) + [0xFF]) else { continue }
                if start.starts(with: entry.name.utf8), start.count > entry.name.utf8.count {
                    try await level(entry.name, from: start, &work)
                } else if work.room == 0 {
                    throw .page(.at(entry.name))
                } else {
                    try await flat(entry.name, nil, &work)
                }
            }
        }
    }

    private func take(_ entry: AzurePage.Entry, _ work: inout Work) {
        work.last = entry.name
        // Others may keep blobs under the same prefix, with names that no vault has.
        guard let key = container.key(ofName: entry.name) else { return }
        work.objects.append(ObjectInfo(key: key, size: entry.size, modified: entry.modified))
    }

    private func read(_ query: Query) async throws(Full) -> AzurePage {
        let page: AzurePage
        do throws(StoreError) {
            page = try await fetch(query)
        } catch {
            throw .failed(error)
        }
        // A directory is told without its slash, also where that belongs to the prefix.
        let isForeign = page.entries.contains { $0.kind != .directory && !$0.name.utf8.starts(with: query.prefix.utf8) }
        guard !isForeign else {
            throw .failed(StoreError(.corrupt, "list", query.asked, cause: ListingError(outside: query.prefix)))
        }
        return page
    }
}

extension AzureListing {
    /// Where a listing goes on.
    ///
    /// Names have no line ends in them.
    private enum Place {
        /// In the service's own listing of what begins with this.
        case inside(String, marker: String?, last: String)
        /// At this name, or the next there is.
        case at(String)

        init(_ cursor: ListCursor) {
            let lines = cursor.text.utf8.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
            if lines.count == 4, lines[0] == "inside" {
                self = .inside(lines[1], marker: lines[3], last: lines[2])
            } else {
                self = .at(lines.count == 2 ? lines[1] : "")
            }
        }

        var text: String {
            switch self {
            case .inside(let prefix, let marker, let last): "inside\n\(prefix)\n\(last)\n\(marker ?? "")"
            case .at(let name): "at\n\(name)"
            }
        }
    }
}
