import SystemPackage
import Testing

@testable import Vault

@Suite struct `A retention policy` {
    private static let day: Int64 = 86400
    /// 2026-11-21 00:00:00 UTC, a Saturday.
    private static let saturday: Int64 = 1_795_219_200

    private func policy(_ change: (inout RetentionPolicy) -> Void) -> RetentionPolicy {
        var policy = RetentionPolicy()
        change(&policy)
        return policy
    }

    private func kept(_ policy: RetentionPolicy, _ moments: [Int64]) -> [Int] {
        let reasons = policy.reasons(moments.map { Timestamp(seconds: $0) })
        return reasons.indices.filter { !reasons[$0].isEmpty }
    }

    @Test
    func `keeps the newest so many, in whatever order they come`() {
        #expect(kept(policy { $0.last = 2 }, [30, 10, 20, 40]) == [0, 3])
        #expect(kept(policy { $0.last = 9 }, [1, 2]) == [0, 1])
        #expect(kept(policy { _ in }, [1, 2]) == [])
    }

    @Test
    func `keeps the last of each day, and days without one do not count`() {
        let base = Self.saturday
        let moments = [base, base + 3600, base - 1, base - 2, base - 9 * Self.day]
        #expect(kept(policy { $0.daily = 1 }, moments) == [1])
        #expect(kept(policy { $0.daily = 3 }, moments) == [1, 2, 4])
    }

    @Test
    func `begins a week on Monday and a day at midnight in UTC`() {
        let monday = Self.saturday + 2 * Self.day
        #expect(kept(policy { $0.weekly = 9 }, [monday - 1, monday, monday + 7 * Self.day - 1]) == [0, 2])
        #expect(kept(policy { $0.hourly = 9 }, [0, 3599, 3600, -1, -3600, -3601]) == [1, 2, 3, 5])
    }

    @Test
    func `tells months and years apart over leap days`() {
        // 2024-02-29T23:59:59Z, 2024-03-01, 2023-12-31T23:59:59Z, 2024-01-01.
        let moments: [Int64] = [1_709_251_199, 1_709_251_200, 1_704_067_199, 1_704_067_200]
        #expect(kept(policy { $0.monthly = 9 }, moments) == [0, 1, 2, 3])
        #expect(kept(policy { $0.yearly = 9 }, moments) == [1, 2])
    }

    @Test(arguments: [
        (0, 1970, 1, 1), (951_782_400, 2000, 2, 29), (951_868_800, 2000, 3, 1), (-1, 1969, 12, 31),
        (4_107_542_400, 2100, 3, 1), (4_107_456_000, 2100, 2, 28), (-62_135_596_800, 1, 1, 1),
    ])
    func `knows the calendar`(seconds: Int64, year: Int, month: Int, day: Int) {
        let found = CalendarDay(Timestamp(seconds: seconds))
        #expect((found.year, found.month, found.day) == (year, month, day))
    }

    @Test
    func `reaches back from the newest backup, not from now`() {
        let moments = [1000, 1000 - Self.day, 1000 - Self.day - 1]
        #expect(kept(policy { $0.within = .seconds(86400) }, moments) == [0, 1])
    }

    @Test
    func `keeps what any rule wants and says which`() {
        let reasons = policy {
            $0.last = 1
            $0.daily = 1
            $0.yearly = 1
        }.reasons([Timestamp(seconds: 5)])
        #expect(reasons == [["last", "daily", "yearly"]])
    }
}

@Suite struct `A plan of what to prune` {
    private func candidate(
        _ name: String,
        _ started: Int64,
        isComplete: Bool = true,
        idleDays: Int64 = 30
    ) throws -> RetentionPlan.Candidate {
        RetentionPlan.Candidate(
            id: try BackupID(cluster: "c", backup: name),
            isComplete: isComplete,
            started: Timestamp(seconds: started),
            idleSeconds: idleDays * 86400
        )
    }

    private func doomed(_ candidates: [RetentionPlan.Candidate], last: Int, mayDeleteLast: Bool = false) -> [String] {
        var policy = RetentionPolicy()
        policy.last = last
        let plan = RetentionPlan(candidates, policy, incompleteAge: .seconds(7 * 86400), mayDeleteLast: mayDeleteLast)
        return plan.verdicts.filter { !$0.isKept }.map(\.id.backup)
    }

    @Test
    func `counts complete backups alone`() throws {
        let all = [
            try candidate("a", 1), try candidate("b", 2), try candidate("x", 3, isComplete: false),
            try candidate("c", 4),
        ]
        #expect(doomed(all, last: 2) == ["a", "x"])
    }

    @Test
    func `never lets the last complete one go unless told so`() throws {
        let all = [try candidate("a", 1), try candidate("b", 2)]
        #expect(doomed(all, last: 0) == ["a"])
        #expect(doomed(all, last: 0, mayDeleteLast: true) == ["a", "b"])
    }

    @Test
    func `leaves an incomplete one that may be at work, or is the newest`() throws {
        let all = [
            try candidate("old", 1, isComplete: false), try candidate("busy", 2, isComplete: false, idleDays: 6),
            try candidate("whole", 3), try candidate("new", 4, isComplete: false),
        ]
        #expect(doomed(all, last: 1) == ["old"])
        #expect(doomed([try candidate("only", 1, isComplete: false)], last: 1) == [])
    }

    @Test(.timeLimit(.minutes(5)))
    func `is made from the vault, and what it frees is told`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["shared", "alone!"])
        fixture.advance(days: 1)
        try await fixture.backUp("two", ["shared"])
        var policy = RetentionPolicy()
        policy.last = 1
        let plans = try await Pruning(fixture.vault).plans(
            ofCluster: nil,
            policy,
            incompleteAge: .seconds(7 * 86400),
            mayDeleteLast: false
        )
        let doomed = plans.flatMap(\.verdicts).filter { !$0.isKept }.map(\.id)
        #expect(doomed == [try fixture.id("one")])
        let space = MarkingSpace(directory: "/tmp")
        let account = try await SpaceAccount.of(Set(doomed), in: fixture.vault, space: space)
        #expect((account.freed.blobs, account.freed.bytes) == (1, 6))
        #expect((account.shared.blobs, account.shared.bytes) == (1, 6))
        #expect(fixture.keys("condemned/") == [])
    }

    @Test(.timeLimit(.minutes(5)))
    func `guards the last complete backup from a plain delete`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a"])
        await #expect(throws: VaultError.self) { try await Pruning(fixture.vault).checkNotLast(try fixture.id("one")) }
        try await fixture.backUp("two", ["a"])
        try await Pruning(fixture.vault).checkNotLast(try fixture.id("one"))
    }
}
