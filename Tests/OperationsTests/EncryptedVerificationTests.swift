import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A verification of an encrypted vault` {
    private func verify(_ vault: TestVault, _ level: VerificationLevel) async throws -> VerificationReport {
        try await VerificationRun(vault.vault, VerifyOptions(.vault, level: level), TestVault.context()).run()
    }

    @Test(arguments: VerificationLevel.allCases)
    func `finds nothing wrong where nothing is, and names what was harmed`(level: VerificationLevel) async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let vault = try await node.vault()
            let good = try await verify(vault, level)
            #expect(good.problems == [])
            #expect(good.others?.unreferencedBlobs == 0)
            #expect(good.others?.strayObjects == [])
            let blobs = node.store.keys.filter { $0.hasPrefix("blobs/") }
            #expect(good.blobs == blobs.count)
            for blob in blobs.prefix(3) {
                let bytes = try #require(node.store[blob])
                var harmed = bytes
                harmed[bytes.count / 2] ^= 1
                node.store[blob] = harmed
                let isNoticed = level != .list
                #expect(try await verify(vault, level).problems.map(\.object) == (isNoticed ? [blob] : []))
                node.store[blob] = Array(bytes.dropLast())
                #expect(try await verify(vault, level).problems.map(\.object) == [blob])
                node.store[blob] = bytes
            }
            let key = try #require(node.store.keys.first { $0.hasPrefix("keys/") })
            node.store[key] = [0x7B]
            #expect(try await verify(vault, level).problems.map(\.object) == [key])
        }
    }

    @Test func `is followed by a recheck that mends what is missing`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let vault = try await node.vault()
            for blob in node.store.keys.filter({ $0.hasPrefix("blobs/") }) { node.store[blob] = nil }
            var options = try node.node.options("three", tag: "two")
            options.recheckSlices = 1
            let report = try await vault.backUp(options)
            #expect(report.header.totals.repairedBlobs > 0)
            #expect(try await verify(vault, .full).problems == [])
            try await vault.restore("one", to: [root.appending("out")])
        }
    }
}
