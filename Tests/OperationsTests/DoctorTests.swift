import Logging
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// What doctor says of stores that are as they should be, and of those that lack something.
@Suite(.timeLimit(.minutes(5))) struct `A doctor` {
    /// Every check and its result, where all is well.
    private static let healthy = Dictionary(uniqueKeysWithValues: Check.allCases.map { ($0, Finding.Result.ok) })

    @Test func `finds nothing wrong with a strict S3, and leaves nothing`() async throws {
        let (diagnosis, cloud) = try await FakePatient.examine()
        #expect(diagnosis.results == Self.healthy, "\(diagnosis.findings)")
        #expect(diagnosis.findings.map(\.check) == Check.allCases)
        #expect(diagnosis.leftovers == [])
        #expect(cloud.objects == [:])
        #expect(diagnosis.found(.createOnly).contains("the store lets one of 8"))
        #expect(diagnosis.found(.checksum) == "a wrong one is refused: signed SHA-256")
        #expect(diagnosis.found(.deleteMany).contains("one request"))
    }

    @Test func `finds nothing wrong with Azure and Google Cloud, and leaves nothing`() async throws {
        for provider in [CloudProvider.azure, .googleCloud] {
            let cloud = FakeCloud(provider.dialect)
            defer { cloud.stop() }
            let diagnosis = try await FakePatient.doctor(try provider.store(on: cloud)).examine()
            #expect(diagnosis.results == Self.healthy, "\(provider): \(diagnosis.findings)")
            #expect(cloud.objects == [:])
        }
    }

    @Test func `finds nothing wrong with a directory, and leaves it as it was`() async throws {
        try await withTemporaryDirectory { root in
            let io = IOExecutor(threads: 2)
            for directory in ["new/deep", "there"] {
                try FileTree.makeDirectories(root.appending("there"))
                let store = FileStore(root: root.appending(directory), io: io)
                let diagnosis = try await FakePatient.doctor(store).examine()
                var expected = Self.healthy
                expected[.clock] = .notTried
                #expect(diagnosis.results == expected, "\(diagnosis.findings)")
                #expect(try DirectoryListing(of: root).names == ["there"])
                #expect(try DirectoryListing(of: root.appending("there")).names == [])
            }
        }
    }

    @Test func `touches nothing of a vault beside it`() async throws {
        try await withTemporaryDirectory { root in
            let store = FileStore(root: root, io: IOExecutor(threads: 2))
            let key = try ObjectKey("clusters/a/b/backup.json")
            _ = try await store.put([1, 2, 3], key)
            _ = try await FakePatient.doctor(store).examine()
            #expect(try DirectoryListing(of: root).names.sorted() == [FileStore.temporaryName, "clusters"].sorted())
            #expect(try await store.bytes(key) == [1, 2, 3])
        }
    }

    @Test(arguments: [FakeCloud.Options.Conditional.ignored, .notImplemented])
    func `tells a condition that is not enforced as a limit`(kind: FakeCloud.Options.Conditional) async throws {
        var options = FakeCloud.Options()
        options.conditional = kind
        let (diagnosis, cloud) = try await FakePatient.examine(options)
        var expected = Self.healthy
        expected[.createOnly] = .limited
        #expect(diagnosis.results == expected, "\(diagnosis.findings)")
        #expect(diagnosis.isSafe)
        #expect(diagnosis.found(.createOnly).contains(kind == .ignored ? "ignores" : "refuses"))
        #expect(cloud.objects == [:])
    }

    @Test func `is not misled by writers that are told to try again`() async throws {
        var options = FakeCloud.Options()
        options.conditional = .conflictSometimes
        let (diagnosis, _) = try await FakePatient.examine(options)
        #expect(diagnosis.results == Self.healthy, "\(diagnosis.findings)")
    }

    @Test func `sees a store that overwrites without any sign`() async throws {
        let store = MemoryStore(ignoresConditions: true)
        let diagnosis = try await FakePatient.doctor(store).examine()
        #expect(diagnosis.results[.createOnly] == .limited)
        #expect(diagnosis.found(.createOnly).contains("overwritten"))
        #expect(diagnosis.isSafe)
        #expect(store.keys == [])
    }

    @Test func `names the check that a store makes where it ignores the checksum`() async throws {
        var options = FakeCloud.Options()
        options.checksums = []
        let (diagnosis, _) = try await FakePatient.examine(options, settings: { $0.checksum = .crc32c })
        #expect(diagnosis.found(.checksum) == "a wrong one is refused: signed SHA-256; ignored: crc32c")
        #expect(diagnosis.results == Self.healthy)
    }

    @Test func `finds nothing wrong where HEAD is refused, pages are short and deletions single`() async throws {
        var options = FakeCloud.Options()
        options.refusesHead = true
        options.pageLimit = 2
        options.batchDelete = .notImplemented
        options.etags = .random
        let (diagnosis, cloud) = try await FakePatient.examine(options)
        #expect(diagnosis.results == Self.healthy, "\(diagnosis.findings)")
        #expect(diagnosis.found(.deleteMany).contains("one by one"))
        #expect(cloud.objects == [:])
    }

    @Test func `says where nothing can be deleted what stays`() async throws {
        var options = FakeCloud.Options()
        options.objectLock = true
        let (diagnosis, cloud) = try await FakePatient.examine(options)
        #expect(diagnosis.isSafe)
        #expect(diagnosis.results[.delete] == .limited)
        #expect(diagnosis.results[.deleteMany] == .notTried)
        #expect(diagnosis.results[.cleaning] == .limited)
        #expect(!cloud.objects.isEmpty)
        #expect(Set(diagnosis.leftovers.map { "backups/\($0)" }) == Set(cloud.objects.keys))
    }

    /// A fault in every request of one kind, and the check that must fail for it.
    private static let lies: [(FakeCloud.Request.Operation, FakeCloud.Fault, Check)] = [
        (.get, .bitFlip(at: 17), .read), (.get, .wrongObject, .read), (.get, .shortObject(by: 1), .read),
        (.get, .rangeIgnored, .range), (.get, .rangeShifted(by: 3), .range), (.list, .foreignKeys, .list),
        (.list, .samePage, .paging), (.list, .keysGoBack, .paging), (.list, .staleList(requests: 1), .fresh),
    ]

    @Test(arguments: lies.indices)
    func `says that no vault is safe where a store lies`(index: Int) async throws {
        let (operation, fault, check) = Self.lies[index]
        let (diagnosis, cloud) = try await FakePatient.examine(faults: { $0.operation == operation ? fault : nil })
        #expect(diagnosis.results[check] == .failed, "\(diagnosis.findings)")
        #expect(!diagnosis.isSafe)
        #expect(throws: RunError.self) { try diagnosis.check() }
        #expect(cloud.objects == [:])
    }

    @Test func `tells it if deleted objects return`() async throws {
        let (diagnosis, _) = try await FakePatient.examine(faults: { request in
            request.operation == .get && request.key?.hasSuffix("/delete/one") == true ? .staleObject(requests: 1) : nil
        })
        #expect(diagnosis.results[.delete] == .limited)
        #expect(diagnosis.found(.delete).contains("still be read"))
        #expect(diagnosis.isSafe)
    }

    @Test func `repeats what the store refuses for the moment`() async throws {
        let (diagnosis, cloud) = try await FakePatient.examine(faults: { $0.index % 7 == 1 ? .internalError : nil })
        #expect(diagnosis.results == Self.healthy, "\(diagnosis.findings)")
        #expect(cloud.objects == [:])
    }

    // MARK: Rights

    @Test func `tells wrong keys in the store's words, and claims nothing else`() async throws {
        let (diagnosis, cloud) = try await FakePatient.examine(settings: { settings in
            settings.secret = .given(
                StorageSecret([
                    .awsAccessKeyID: FakeCloud.accessKey, .awsSecretAccessKey: "wrong", .awsRegion: "us-east-1",
                ])
            )
        })
        #expect(diagnosis.results[.list] == .failed)
        #expect(diagnosis.results[.put] == .failed)
        #expect(diagnosis.found(.put).contains("SignatureDoesNotMatch"))
        let others: Set<Check> = Set(Check.allCases).subtracting([.transport, .clock, .list, .put, .cleaning])
        #expect(others.allSatisfy { diagnosis.results[$0] == .notTried })
        #expect(diagnosis.leftovers == [])
        #expect(cloud.objects == [:])
    }

    @Test func `tells keys that may put and nothing else from keys that may list and nothing else`() async throws {
        let (putOnly, cloud) = try await FakePatient.examine(faults: { request in
            [.put, .delete, .batchDelete].contains(request.operation) ? nil : .accessDenied
        })
        #expect(putOnly.results[.put] == .ok)
        #expect(putOnly.results[.list] == .failed)
        #expect(putOnly.results[.read] == .failed)
        #expect(putOnly.results[.paging] == .notTried)
        #expect(cloud.objects == [:])
        let (listOnly, _) = try await FakePatient.examine(faults: { $0.operation == .list ? nil : .accessDenied })
        #expect(listOnly.results[.list] == .ok)
        #expect(listOnly.results[.put] == .failed)
        #expect(listOnly.leftovers == [])
    }

    @Test func `says nothing of a store that it cannot reach, or that has no such bucket`() async throws {
        let cloud = FakeCloud(.s3)
        let store = try CloudProvider.s3.store(on: cloud)
        cloud.stop()
        await expectError(.unavailable) { _ = try await FakePatient.doctor(store).examine() }
        let other = FakeCloud(.s3)
        defer { other.stop() }
        let missing = try StoreLocation("s3://absent/x").open(
            CloudProvider.s3.settings(for: other),
            io: IOExecutor(threads: 1)
        )
        await expectError(.noBucket) { _ = try await FakePatient.doctor(missing).examine() }
        await expectError(.unavailable) { _ = try await FakePatient.examine(faults: { _ in .internalError }) }
    }

    // MARK: What is asked below the store

    @Test(
        arguments: [
            (0, .ok), (-290, .ok), (400, .limited), (-800, .limited), (1000, .limited), (-5000, .limited),
        ] as [(Int64, Finding.Result)]
    )
    func `tells how far the clocks are apart, and that the client makes up for it`(
        seconds: Int64,
        result: Finding.Result
    ) async throws {
        var options = FakeCloud.Options()
        options.now = { WallClock.system.now() + seconds }
        let (diagnosis, _) = try await FakePatient.examine(options, settings: { $0.clock = .system })
        #expect(diagnosis.results[.clock] == result, "\(diagnosis.found(.clock))")
        #expect(diagnosis.isSafe)
        if seconds != 0 { #expect(diagnosis.found(.clock).contains(seconds > 0 ? "ahead of" : "behind")) }
    }

    @Test func `fails a clock only if nothing is accepted`() async throws {
        let store = ProbedStore { $0.ahead = 1000 }
        let refusing = FaultyStore(store) { call in
            [.put, .list].contains(call.operation) ? .failBefore(.accessDenied) : nil
        }
        #expect(try await FakePatient.doctor(store).examine().results[.clock] == .limited)
        #expect(try await FakePatient.doctor(refusing).examine().results[.clock] == .failed)
    }

    @Test func `tells bytes that others can read`() async throws {
        for (transport, result) in [
            (.plain(host: "store.example"), .limited), (.plain(host: "127.0.0.1"), .ok), (.plain(host: "[::1]"), .ok),
            (.tls(host: "store.example"), .ok), (.files, .ok),
        ] as [(StoreTransport, Finding.Result)] {
            let diagnosis = try await FakePatient.doctor(ProbedStore { $0.transport = transport }).examine()
            #expect(diagnosis.results[.transport] == result, "\(transport)")
        }
    }

    @Test func `tells a checksum that nobody looks at`() async throws {
        let none = try await FakePatient.doctor(ProbedStore { $0.checks = [] }).examine()
        #expect(none.results[.checksum] == .limited)
        let ignored = ProbedStore { $0.checks = [UploadCheck(name: "md5", isEnforced: false)] }
        let diagnosis = try await FakePatient.doctor(ignored).examine()
        #expect(diagnosis.results[.checksum] == .limited)
        #expect(diagnosis.found(.checksum).contains("md5"))
        #expect(diagnosis.isSafe)
    }

    @Test func `counts who wins at the same moment`() async throws {
        // One after another it keeps the condition; at once it lets all in.
        let store = ProbedStore { $0.winsRaces = true }
        let diagnosis = try await FakePatient.doctor(store).examine()
        #expect(diagnosis.results[.createOnly] == .limited)
        #expect(diagnosis.found(.createOnly).contains("8 of 8"))
    }
}
