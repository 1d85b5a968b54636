internal import ObjectStorage

extension Examination {
    func listing() async throws(StoreError) -> Finding {
        let page = try await store.list(prefix: corner.prefix, from: nil, limit: 1)
        guard page.objects.isEmpty else {
            let found = "lists what nobody has put: \(page.objects.map(\.key.description).joined(separator: ", "))"
            return Finding(.list, .failed, found, "Listings cannot be trusted.")
        }
        return Finding(.list, .ok, "reached, may list", "Backups and restores find what is there.")
    }

    func putting() async throws(StoreError) -> Finding {
        _ = try await put(Self.content(100), "put")
        return Finding(.put, .ok, "may put", "Backups can be written.")
    }

    func transport() async throws(StoreError) -> Finding {
        switch store.probe?.transport {
        case .files:
            Finding(.transport, .ok, "a directory", "A network below it is the file system's business.")
        case .tls(let host):
            Finding(.transport, .ok, "TLS 1.2 or later to \(host), certificate checked", "Nobody between reads along.")
        case .plain(let host)?:
            if store.probe?.transport.isExposed == true {
                Finding(
                    .transport,
                    .limited,
                    "plain HTTP to \(host)",
                    "Bytes travel unencrypted, for all between to read."
                )
            } else {
                Finding(.transport, .ok, "plain HTTP on this machine", "Bytes do not leave the machine on this way.")
            }
        case nil: Finding(.transport, .notTried, "this kind of store does not tell", "Nothing is known of it.")
        }
    }

    /// - Parameter works: whether the store takes requests, be the clocks as they are.
    func clock(works: Bool) async throws(StoreError) -> Finding {
        let key = try corner.key("clock")
        let difference = try await patiently { () async throws(StoreError) in
            try await store.probe?.clockDifference(askingFor: key)
        }
        guard let ahead = difference else {
            return Finding(.clock, .notTried, "this kind of store tells no time", "Requests here do not depend on it.")
        }
        let off = abs(ahead)
        let found =
            off <= 1
            ? "agrees with ours" : "\(off) s \(ahead > 0 ? "ahead of" : "behind") ours"
        switch off {
        case ...300: return Finding(.clock, .ok, found, "Signed requests are accepted.")
        case ...900:
            return Finding(.clock, .limited, found, "Mend the clock: at 15 min stores refuse signed requests.")
        default:
            return works
                ? Finding(.clock, .limited, found, "Requests pass here, by the store's clock; for all else mend ours.")
                : Finding(.clock, .failed, found, "Signed requests are refused: mend this machine's clock.")
        }
    }

    func latency() async throws(StoreError) -> Finding {
        let clock = ContinuousClock()
        let bytes = Self.content(1000)
        var puts: [Duration] = []
        var gets: [Duration] = []
        for index in 0..<5 {
            let start = clock.now
            let key = try await put(bytes, "latency/\(index)")
            let middle = clock.now
            _ = try await self.bytes(key)
            puts.append(middle - start)
            gets.append(clock.now - middle)
        }
        let (put, get) = (puts.sorted()[2], gets.sorted()[2])
        let found = "put \(Self.text(put)), get \(Self.text(get)): medians of 5 with 1 kB"
        return max(put, get) <= .milliseconds(500)
            ? Finding(.latency, .ok, found, "A backup has many requests under way and does not wait for each.")
            : Finding(.latency, .limited, found, "Many small tables will take long.")
    }

    /// `0.4 ms`, `31 ms`.
    private static func text(_ duration: Duration) -> String {
        let tenths = Int(duration / .microseconds(100))
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) ms" : "\(tenths / 10) ms"
    }
}
