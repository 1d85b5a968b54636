package import Logging
package import ObjectStorage

/// Finds out what a store really honours, and whether a vault is safe in it.
///
/// It works with a few dozen small objects in a corner of its own (`Corner`), and removes them at the end, also when it is
/// cancelled or fails. What stores promise is not asked, only what they do.
package struct Doctor: Sendable {
    private let store: any ObjectStore
    private let logger: Logger
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameter store: with a little patience around it; one that repeats for minutes makes a wrong address look like a
    ///   slow one.
    package init<C: Clock>(
        _ store: any ObjectStore,
        logger: Logger,
        clock: C = ContinuousClock()
    ) where C.Duration == Duration {
        self.store = store
        self.logger = logger
        sleep = { try await clock.sleep(for: $0) }
    }

    /// Makes all checks.
    ///
    /// - Throws: `StoreError` if the store cannot be reached, has no such bucket or no space: then nothing is known of it;
    ///   `CancellationError`.
    package func examine() async throws -> Diagnosis {
        let examination = Examination(store, sleep: sleep)
        let tidy = await store.probe?.tidier(for: examination.corner.segment)
        do {
            var findings = try await checks(examination)
            let swept = await sweep(examination)
            let (count, left) = await clear(examination, tidy)
            let order = Check.allCases
            findings.append(Self.cleaning(count, left, swept))
            for check in order where !findings.contains(where: { $0.check == check }) {
                findings.append(Finding(check, .notTried, "nothing can be put", "Nothing is known of it."))
            }
            findings.sort { order.firstIndex(of: $0.check) ?? 0 < order.firstIndex(of: $1.check) ?? 0 }
            return Diagnosis(location: store.location, findings: findings, leftovers: left.map(\.description))
        } catch {
            let (_, left) = await clear(examination, tidy)
            if !left.isEmpty {
                logger.warning(
                    "objects of this examination stay in the store",
                    metadata: ["prefix": "\(examination.corner.prefix)", "objects": "\(left.count)"]
                )
            }
            throw error
        }
    }

    private func checks(_ examination: Examination) async throws -> [Finding] {
        let list = try await examination.making(.list, examination.listing)
        let put = try await examination.making(.put, examination.putting)
        var findings = [list, put]
        findings.append(try await examination.making(.transport, examination.transport))
        findings.append(
            try await examination.making(.clock) { () async throws(StoreError) in
                try await examination.clock(works: put.result == .ok || list.result == .ok)
            }
        )
        guard put.result != .failed else { return findings }
        findings.append(try await examination.making(.read, examination.reading))
        findings.append(try await examination.making(.range, examination.ranges))
        findings.append(try await examination.making(.empty, examination.emptiness))
        let mayList = list.result != .failed
        findings.append(
            try await examination.making(.names) { () async throws(StoreError) in
                try await examination.names(mayList: mayList)
            }
        )
        if mayList {
            findings.append(try await examination.making(.paging, examination.paging))
            findings.append(try await examination.making(.fresh, examination.freshness))
        } else {
            for check in [Check.paging, .fresh] {
                findings.append(Finding(check, .notTried, "nothing can be listed", "Nothing is known of it."))
            }
        }
        findings.append(try await examination.making(.createOnly, examination.createOnly))
        findings.append(try await examination.making(.checksum, examination.checksums))
        let delete = try await examination.making(.delete) { () async throws(StoreError) in
            try await examination.deletion(mayList: mayList)
        }
        findings.append(delete)
        findings.append(
            delete.result != .ok && delete.follows == Check.cannotDelete
                ? Finding(.deleteMany, .notTried, "the right to delete is missing", Check.cannotDelete)
                : try await examination.making(.deleteMany, examination.batchDeletion)
        )
        findings.append(try await examination.making(.latency, examination.latency))
        return findings
    }

    // MARK: Cleaning

    private func sweep(_ examination: Examination) async -> Int {
        guard let now = await examination.storeTime() else { return 0 }
        do throws(StoreError) {
            return try await examination.corner.sweep(now: now)
        } catch {
            logger.debug("could not look for what other doctors left", metadata: ["error": "\(error)"])
            return 0
        }
    }

    private func clear(
        _ examination: Examination,
        _ tidy: (@Sendable () async -> Void)?
    ) async -> (count: Int, left: [ObjectKey]) {
        // A task of its own, which is not cancelled with this one: what was made has to go after Ctrl-C as well.
        await Task {
            let result = await examination.corner.clear()
            await tidy?()
            return result
        }.value
    }

    private static func cleaning(_ count: Int, _ left: [ObjectKey], _ swept: Int) -> Finding {
        let others = swept > 0 ? ", and \(swept) of doctors that were killed" : ""
        guard let first = left.first else {
            let found = count > 0 ? "all that doctor put is gone\(others)" : "nothing was put\(others)"
            return Finding(.cleaning, .ok, found, "The store is as it was.")
        }
        let segment = first.segments.first.map(String.init) ?? ""
        let number = left.count == 1 ? "1 object is" : "\(left.count) objects are"
        return Check.cleaning.finding(error: "\(number) left below \(segment)/\(others)")
    }
}
