import Logging
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(3))) struct `SSTables of real Cassandra nodes` {
    static let captures = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .appending("Fixtures/cassandra")

    @Test func `are backed up, backed up again and restored without a byte's difference`() async throws {
        try await withTemporaryDirectory { root in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let report = try await Demonstration(captures: Self.captures, work: root, logger: logger).run()
            #expect(report.steps.count == 12)
            #expect(report.identicalFiles > 500)
            for step in report.steps where step.name == "backup daily-2" {
                #expect(step.reusedFiles > 0)
                #expect(step.newFiles > 0)
            }
        }
    }

    /// The same on a store behind HTTP, as users have it.
    private static func demonstrate(on store: any ObjectStore) async throws {
        try await withTemporaryDirectory { root in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let wrapped = RetryingStore(BrakedStore(store))
            let demonstration = Demonstration(captures: captures, work: root, store: wrapped, logger: logger)
            let report = try await demonstration.run()
            #expect(report.steps.count == 12)
            #expect(report.identicalFiles > 500)
        }
    }

    @Test(arguments: CloudProvider.allCases)
    func `come back from every provider's dialect`(provider: CloudProvider) async throws {
        let cloud = FakeCloud(provider.dialect)
        defer { cloud.stop() }
        try await Self.demonstrate(on: try provider.store(on: cloud))
        #expect(cloud.objects.keys.allSatisfy { $0.hasPrefix("backups/") })
    }

    @Test(.running(.rgw)) func `come back from Ceph`() async throws {
        try await Self.demonstrate(on: try #require(RealServer.rgw.access).store("ceph"))
    }

    @Test(.running(.rgwTLS)) func `come back from Ceph behind TLS`() async throws {
        try await Self.demonstrate(on: try #require(RealServer.rgwTLS.access).store("s3"))
    }

    @Test(.running(.swift)) func `come back from OpenStack Swift`() async throws {
        try await Self.demonstrate(on: try #require(RealServer.swift.access).store("s3"))
    }

    @Test(.running(.googleCloudEmulator)) func `come back from the emulator of Google Cloud Storage`() async throws {
        try await Self.demonstrate(on: try #require(RealServer.googleCloudEmulator.access).store("gs"))
    }
}
