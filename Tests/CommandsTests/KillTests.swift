import ObjectStorage
import Subprocess
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// `kill -9` of the real program, at many moments of its work.
@Suite(.timeLimit(.minutes(5))) struct `A killed ringvault` {
    private static let table = "shop/orders-3e2816e0e53811f1916b25b74eacdfa4"
    private static let snapshot = "data/\(table)/snapshots/daily"

    private func makeNode(in root: FilePath) throws -> [String: [UInt8]] {
        var content: [String: [UInt8]] = [:]
        try FileTree.makeDirectories(root.appending(Self.snapshot))
        for index in 1...24 {
            let name = "nb-\(index)-big-Data.db"
            let bytes = Content.random(index % 3 == 0 ? 3_000_000 : 200_000, seed: UInt64(index))
            try WritableFile(root.appending(Self.snapshot).appending(name), creation: .mustBeNew).write(
                bytes.span,
                at: 0
            )
            content[name] = bytes
        }
        return content
    }

    private func restored(_ path: FilePath) throws -> [String: [UInt8]] {
        var content: [String: [UInt8]] = [:]
        for name in try DirectoryListing(of: path).names {
            content[name] = try SmallFile.bytes(of: path.appending(name), limit: .max)
        }
        return content
    }

    @Test func `leaves no manifest that names a missing blob, and the next run finishes the work`() async throws {
        try await withTemporaryDirectory { root in
            let content = try makeNode(in: root)
            let location = "file://\(root)/vault"
            let made = try await Program.run(["vault", "init", "--location", location, "--chunk-size", "1MiB"])
            #expect(made.status == 0, "\(made.errors)")
            let io = IOExecutor(threads: 2)
            let store = FileStore(root: root.appending("vault"), io: io)
            let vault = try await Vault.open(store)
            var finished = 0
            for round in 0..<10 {
                let start = [
                    "backup", "start", "--location", location, "--data-dir", "\(root)/data", "--snapshot", "daily",
                    "--host-id", "11111111-2222-3333-4444-555555555555", "--cluster", "c\(round % 3)", "--name",
                    "b\(round)", "--compression", "none", "--read-rate-limit", "40MiB/s",
                ]
                // By turns killed when the intent stands, and when so many blobs do.
                let intent = root.appending("vault/clusters/c\(round % 3)/b\(round)/backup.json")
                let blobs = root.appending("vault/blobs")
                let wanted = round * 3
                let status = try await Program.run(start, ending: .kill) {
                    await appearance(of: intent)
                    let manifests = intent.removingLastComponent().appending("nodes")
                    await wait {
                        ((try? DirectoryListing(of: blobs).names.count) ?? 0) >= wanted
                            || (try? FileStatus(of: manifests)) != nil
                    }
                }
                if case .exited(0) = status { finished += 1 }
                try await checkManifests(vault)
            }
            let last = try await Program.run([
                "backup", "start", "--location", location, "--data-dir", "\(root)/data", "--snapshot", "daily",
                "--host-id", "11111111-2222-3333-4444-555555555555", "--name", "last",
            ])
            #expect(last.status == 0, "\(last.errors)")
            let target = root.appending("out")
            for round in 0..<6 {
                // Killed when so many files have their names.
                let directory = target.appending(Self.table)
                _ = try await Program.run(
                    ["restore", "start", "--location", location, "--name", "last", "--target", "\(target)"],
                    ending: .kill
                ) {
                    await appearance(of: directory)
                    await wait {
                        let names = (try? DirectoryListing(of: directory).names) ?? []
                        return names.count { $0.hasPrefix("nb-") } >= min(round * 4, 20)
                    }
                }
                for (name, bytes) in try restored(directory) where name.hasPrefix("nb-") {
                    #expect(content[name] == bytes, "\(name) has a name but not its bytes")
                }
            }
            let restore = try await Program.run([
                "restore", "start", "--location", location, "--name", "last", "--target", "\(target)",
            ])
            #expect(restore.status == 0, "\(restore.errors)")
            #expect(try restored(target.appending(Self.table)) == content)
        }
    }

    private func checkManifests(_ vault: Vault) async throws {
        var blobs: Set<String> = []
        try await vault.store.forEachObject(prefix: "blobs/") { blobs.insert($0.key.description) }
        var manifests: [ObjectKey] = []
        try await vault.store.forEachObject(prefix: "clusters/") { object in
            if object.key.description.hasSuffix(".jsonl.zst") { manifests.append(object.key) }
        }
        for key in manifests {
            var manifest = try await ManifestReader.open(vault, key: key)
            while let line = try await manifest.next() {
                guard case .group(let group) = line else { continue }
                for piece in group.files.flatMap(\.pieces) {
                    #expect(blobs.contains(try piece.blob.key.description), "\(key) names a blob that is not there")
                }
            }
        }
    }
}
