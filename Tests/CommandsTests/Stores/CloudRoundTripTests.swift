import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct `The program on each cloud` {
    @Test(arguments: CloudProvider.allCases) func `backs up, stores nothing twice, and restores what was there`(
        provider: CloudProvider
    ) async throws {
        let cloud = FakeCloud(provider.dialect)
        defer { cloud.stop() }
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            // Two chunks and a piece, and a file of nothing.
            try node.addFile("nb-9-big-Data.db", Content.random(2_500_000, seed: 9))
            try node.addFile("nb-9-big-TOC.txt", [])
            let place = [
                "--location", "\(provider.location)/ring/one", "--endpoint", cloud.endpoint, "--credentials",
                try node.mountedSecret(provider.secret(for: cloud)),
            ]
            let made = try await node.run(["vault", "init", "--chunk-size", "1MiB"] + place)
            #expect(made.status == 0, "\(made.errors)")
            let first = try await node.run(node.backup + ["--name", "one"] + place)
            #expect(first.status == 0, "\(first.errors)")
            func blobs() -> Set<String> { Set(cloud.objects.keys.filter { $0.contains("/blobs/") }) }
            let stored = blobs()
            #expect(stored.count >= 4)

            let before = cloud.requests.count
            let second = try await node.run(node.backup + ["--name", "two"] + place)
            #expect(second.status == 0, "\(second.errors)")
            #expect(blobs() == stored)
            let put = cloud.requests[before...].filter { $0.operation == .put }
            #expect(put.allSatisfy { $0.key?.contains("/blobs/") == false }, "\(put.map(\.key))")

            let list = try await node.run(["backup", "list"] + place)
            #expect(list.output.split(separator: "\n").count == 3, "\(list.output) \(list.errors)")
            let restore = try await node.run(node.restore + ["--name", "two"] + place)
            #expect(restore.status == 0, "\(restore.errors)")
            #expect(try node.restored() == node.original())
            #expect(cloud.refused <= 40)
        }
    }
}
