import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `A number of bytes` {
    @Test(
        arguments: [
            ("0", 0), ("4096", 4096), ("1B", 1), ("64KiB", 65_536), ("256MiB", 268_435_456), ("1.5GB", 1_500_000_000),
            ("1.5 GiB", 1_610_612_736), ("2kB", 2000), ("2KB", 2000), ("1TiB", 1 << 40), ("1TB", 1_000_000_000_000),
            (".5KiB", 512), ("007", 7), ("4194303TiB", 4_194_303 << 40),
        ] as [(String, Int64)]
    )
    func `is read as people write it`(text: String, bytes: Int64) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(
        arguments: [
            "", "B", "KiB", "-1", "+1", "1 K", "1k", "1kib", "1e3", "0x10", "1,5GB", "1..5", "1.5.5", "1KiBs", "KiB1",
            "1KiB ", " 1", "nan", "inf", "1_000", "١", "4194304TiB", "99999999999999999999", "1\nB",
        ])
    func `is not read from anything else`(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1 << 20, "1.0 MiB"),
            (16 << 20, "16.0 MiB"), (1_610_612_736, "1.5 GiB"), (1 << 40, "1.0 TiB"), (5000 << 40, "5000.0 TiB"),
        ] as [(Int64, String)]
    )
    func `is shown in binary units`(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
        #expect(ByteCount(text)?.bytes == bytes)
    }
}

@Suite struct `A data rate` {
    @Test(
        arguments: [
            ("100MiB/s", 104_857_600), ("2MB/s", 2_000_000), ("50MiB", 52_428_800), ("1", 1), ("0", nil),
            ("0MiB/s", nil),
            ("unlimited", nil),
        ] as [(String, Int64?)]
    )
    func `is read as people write it`(text: String, bytes: Int64?) {
        #expect(DataRate(text) == DataRate(bytesPerSecond: bytes))
    }

    @Test(arguments: ["", "/s", "fast", "1/s/s", "1MiB/m", "-1MiB/s", "Unlimited", "unlimited/s", "1 MiB / s"])
    func `is not read from anything else`(text: String) {
        #expect(DataRate(text) == nil)
    }

    @Test func `reads what it shows`() {
        for rate in [DataRate.unlimited, DataRate(bytesPerSecond: 1), DataRate(bytesPerSecond: 3 << 20)] {
            #expect(DataRate(rate.description) == rate)
        }
    }
}

@Suite struct `Progress of a run` {
    @Test(.timeLimit(.minutes(5))) func `counts what many tasks add`() async {
        let progress = Progress()
        await withDiscardingTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    progress.update {
                        $0.doneFiles += 1
                        $0.doneBytes += Int64(index)
                    }
                }
            }
        }
        let snapshot = progress.snapshot
        #expect(snapshot.doneFiles == 200)
        #expect(snapshot.doneBytes == 199 * 200 / 2)
        #expect(progress.snapshot.elapsed >= snapshot.elapsed)
    }

    @Test func `foretells an end only from a whole plan and a rate`() {
        var snapshot = Progress.Snapshot()
        #expect(snapshot.rate == 0)
        #expect(snapshot.timeLeft == nil)
        snapshot.plannedBytes = 3000
        snapshot.doneBytes = 1000
        snapshot.elapsed = .seconds(10)
        #expect(snapshot.rate == 100)
        #expect(snapshot.timeLeft == nil)
        snapshot.isPlanComplete = true
        #expect(snapshot.timeLeft == .seconds(20))
        snapshot.doneBytes = 4000
        #expect(snapshot.timeLeft == .zero)
        snapshot.doneBytes = 0
        #expect(snapshot.timeLeft == nil)
    }
}
