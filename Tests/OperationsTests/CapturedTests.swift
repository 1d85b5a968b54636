import Logging
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
}
