import Limits
import Testing

@Suite struct `What stages cost at least` {
    private let limits = Limits(
        limits: [
            Limit(.read, rounds: [0.3, 0.1, 0.2]), Limit(.sha256, rounds: [0.5]), Limit(.crc32, rounds: [0.01]),
            Limit(.send, rounds: [0.1]), Limit(.openFile, rounds: [3]), Limit(.zstd, rounds: [1.4, 1.6]),
            Limit(.write, rounds: [0.4]),
        ],
        sampleBytes: 1000,
        stored: ["zstd level 1": 80]
    )

    @Test func `a stage counts with its median`() {
        #expect(limits[.read]?.seconds == 0.2)
        #expect(limits[.zstd]?.seconds == 1.5)
        #expect(limits[.read]?.range == 0.1...0.3)
        #expect(limits[.aes] == nil)
    }

    @Test func `an upload is read, hashed and sent, and its files are opened`() throws {
        let sum = try #require(limits.sum(.upload(content: 2_000_000_000, files: 100_000)))
        #expect(sum.parts.map(\.stage) == [.openFile, .read, .sha256, .crc32, .send])
        #expect(abs(sum.seconds - (0.3 + 0.4 + 1.0 + 0.02 + 0.2)) < 1e-9)
        #expect(abs(sum.ratio(of: 2 * sum.seconds) - 2) < 1e-9)
    }

    @Test func `a backup compresses all and writes what is stored`() throws {
        let sum = try #require(limits.sum(.backup(content: 1_000_000_000, stored: 500_000_000, compression: .zstd)))
        #expect(sum.parts.map(\.stage) == [.read, .sha256, .crc32, .zstd, .write])
        #expect(abs(sum.seconds - (0.2 + 0.5 + 0.01 + 1.5 + 0.2)) < 1e-9)
    }

    @Test func `says no sum if it misses a stage`() {
        #expect(limits.sum(.restore(content: 1, stored: 1, compression: .zstd)) == nil)
        #expect(limits.sum(.unchanged(files: 1)) == nil)
    }

    @Test func `a program that is not there is an error`() {
        #expect(throws: LimitsError.self) {
            _ = try Limits.measure(sample: "/", directory: "/nonexistent", program: "/nonexistent/stage-limits")
        }
    }

    @Test func `a program that says something else is an error`() {
        #expect(throws: LimitsError.self) { _ = try Limits.measure(sample: "/", directory: "/", program: "/bin/echo") }
        #expect(throws: LimitsError.self) { _ = try Limits.measure(sample: "/", directory: "/", program: "/bin/false") }
    }
}
