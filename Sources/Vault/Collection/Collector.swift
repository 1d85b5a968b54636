internal import ObjectStorage

/// Deletes blobs that nobody names, without locks, beside any number of backups and other collections.
///
/// In two steps, a day apart. *Condemn* publishes a list of the blobs that no manifest names. *Sweep*, when the list
/// has stood for the grace, marks again and deletes what is still unnamed. Between the two, whoever publishes a manifest
/// sees the list (`Publication`). One run does whatever is due, and can be killed anywhere: the next goes on.
///
/// - A list is swept while it stands undone, by any number of collectors; when one has come to its end it is marked as
///   done and kept, since a backup that runs for long may still name what it named.
/// - A batch is deleted within `CollectionOptions.sweepWindow` of the marking, by the monotonic clock, and at once after
///   a look whether the list is still undone. A collector that was held up in between marks again, or finds that another
///   has finished.
/// - How old a list is, is told by the store's clock, against an object put at that moment.
package struct Collector: Sendable {
    /// Which parts of the protocol are kept; all of them, but for tests that show what each is for.
    struct Rules: Sendable {
        var waitsForGrace = true
        var marksBeforeSweep = true
        var looksWhetherUndone = true
    }

    private let vault: Vault
    private let options: CollectionOptions
    private let clock: MonotonicClock
    private let rules: Rules
    private let lists: CondemnedLists
    private let tell: @Sendable (String, CollectionReport) -> Void

    /// - Parameter tell: called now and then with what is being done and how far it is.
    package init(
        _ vault: Vault,
        _ options: CollectionOptions,
        clock: MonotonicClock = .machine,
        tell: @escaping @Sendable (String, CollectionReport) -> Void = { _, _ in }
    ) {
        self.init(CondemnedLists(vault), options, clock: clock, rules: Rules(), tell: tell)
    }

    init(
        _ lists: CondemnedLists,
        _ options: CollectionOptions,
        clock: MonotonicClock,
        rules: Rules,
        tell: @escaping @Sendable (String, CollectionReport) -> Void = { _, _ in }
    ) {
        vault = lists.vault
        self.lists = lists
        self.options = options
        self.clock = clock
        self.rules = rules
        self.tell = tell
    }

    /// - Throws: `VaultError` naming the manifest, list or other object that cannot be understood, before anything is
    ///   deleted on account of it; `StoreError`.
    package func run() async throws -> CollectionReport {
        try options.check()
        var report = CollectionReport()
        report.isDryRun = options.isDryRun
        // Nothing is put in a dry run, so nothing is known of the store's time.
        let now = options.isDryRun ? nil : try await lists.storeTime()
        tell("looks at the trash and at the lists", report)
        report.purgedBackups = try await Trash(lists).purge(
            olderThan: options.trashRetention,
            isDryRun: options.isDryRun
        )

        let (entries, readings) = try await lists.all()
        if let now { try await cleanUp(entries, readings, now: now, &report) }
        var due: [(id: String, list: ObjectInfo)] = []
        var waiting: [(id: String, list: ObjectInfo)] = []
        for entry in entries {
            guard let list = entry.list, entry.done == nil else { continue }
            if isDue(list, now: now ?? Timestamp.now.seconds) {
                due.append((entry.id, list))
            } else {
                waiting.append((entry.id, list))
            }
        }

        var marking = try await mark(&report)
        report.waitingLists = waiting.count
        for (id, list) in due where try await !sweep(id, list, &marking, &report) { waiting.append((id, list)) }
        try await condemn(marking, besides: waiting, now: now, &report)
        return report
    }

    private func isDue(_ list: ObjectInfo, now: Int64) -> Bool {
        !rules.waitsForGrace || Duration.seconds(now - list.modified) >= options.grace
    }

    /// Removes done lists whose time is over, the list before its mark: `CondemnedLists.isUndone` counts on it.
    private func cleanUp(
        _ entries: [CondemnedLists.Entry],
        _ readings: [ObjectInfo],
        now: Int64,
        _ report: inout CollectionReport
    ) async throws {
        for entry in entries {
            guard let done = entry.done, .seconds(now - done.modified) >= CollectionOptions.doneRetention else {
                continue
            }
            if let list = entry.list {
                try await vault.store.delete(list.key)
                report.removedLists += 1
            }
            try await vault.store.delete(done.key)
        }
        for reading in readings where .seconds(now - reading.modified) >= CollectionOptions.leastGrace {
            try await vault.store.delete(reading.key)
        }
    }

    // MARK: Marking

    /// What is named, and when that was read.
    private struct Marking {
        let names: SortedNames
        let ended: Duration
    }

    private func mark(_ report: inout CollectionReport) async throws -> Marking {
        tell("reads the manifests", report)
        let (names, manifests) = try await Marker(vault: vault, space: options.space).everything()
        report.manifests = manifests
        return Marking(names: names, ended: clock.now)
    }

    // MARK: Sweeping

    /// A line of a list.
    private typealias Condemned = (name: CompactName, size: Int64)

    /// - Returns: whether the list is done now.
    private func sweep(
        _ id: String,
        _ list: ObjectInfo,
        _ marking: inout Marking,
        _ report: inout CollectionReport
    ) async throws -> Bool {
        tell("sweeps a list", report)
        var tally = (deleted: 0, kept: 0)
        do {
            var reader = try await CondemnedListReader.open(vault, list, id: id)
            var cursor = marking.names.cursor
            var batch: [Condemned] = []
            while true {
                let next = try reader.next()
                if let (name, size) = next, rules.marksBeforeSweep ? try !cursor.has(name) : true {
                    batch.append((name, size))
                }
                guard next == nil || batch.count >= options.blobsInBatch else { continue }
                if clock.now - marking.ended > CollectionOptions.sweepWindow, !batch.isEmpty {
                    marking = try await mark(&report)
                    cursor = marking.names.cursor
                    batch = try batch.filter { try !cursor.has($0.name) }
                }
                guard try await delete(batch, by: id, &tally, &report) else { return true }
                batch = []
                if next == nil { break }
            }
        } catch let error as StoreError where error.code == .notFound {
            return true  // another collector was faster, by a month
        }
        // Where nothing could be deleted, the same list tries again. Where some could, what is left is condemned anew.
        guard !options.isDryRun, tally.kept == 0 || tally.deleted > 0 else { return false }
        try await lists.markDone(id)
        report.sweptLists += 1
        return true
    }

    /// - Returns: false if the list is done: another collector has finished it.
    private func delete(
        _ batch: [Condemned],
        by list: String,
        _ tally: inout (deleted: Int, kept: Int),
        _ report: inout CollectionReport
    ) async throws -> Bool {
        if options.isDryRun || batch.isEmpty {
            for blob in batch { report.deleted.add(blob.size) }
            return true
        }
        var sizes: [ObjectKey: Int64] = [:]
        for blob in batch { sizes[try blob.name.name.key] = blob.size }
        // The last thing before the deletion.
        if rules.looksWhetherUndone, try await !lists.isUndone(list) { return false }
        let failures = try await vault.store.delete(sizes.keys.sorted())
        for failure in failures {
            guard failure.error.code == .accessDenied || failure.error.code == .refused else { throw failure.error }
            report.kept.add(sizes.removeValue(forKey: failure.key) ?? 0)
            report.keptReason = report.keptReason ?? "\(failure.error)"
            tally.kept += 1
        }
        for size in sizes.values { report.deleted.add(size) }
        tally.deleted += sizes.count
        tell("deletes", report)
        return true
    }

    // MARK: Condemning

    private func condemn(
        _ marking: Marking,
        besides waiting: [(id: String, list: ObjectInfo)],
        now: Int64?,
        _ report: inout CollectionReport
    ) async throws {
        let listed = options.space.sorter()
        for (id, list) in waiting {
            try await add(id, list, to: listed)
            earliest(list.modified, &report)
        }
        tell("goes through the blobs", report)
        let names = (named: marking.names, listed: try await listed.finish())
        let moment = now ?? Timestamp.now.seconds
        var found = report
        var list: CondemnedListWriter?
        var walk = BlobWalk(beside: [names.named, names.listed])
        try await walk.run(vault) { blob, membership in
            found.stored.add(blob.size)
            if found.stored.blobs.isMultiple(of: 100_000) { tell("goes through the blobs", found) }
            if membership[0] { found.named.add(blob.size) }
            guard !membership[0], !membership[1] else { return }
            guard options.sparing == .zero || .seconds(moment - blob.stored) >= options.sparing else {
                found.young.add(blob.size)
                return
            }
            found.condemned.add(blob.size)
            guard !options.isDryRun else { return }
            if list == nil { list = try CondemnedListWriter.begin(lists) }
            try list?.append(blob.name.name, size: blob.size)
            if found.condemned.blobs.isMultiple(of: options.blobsInList) { try await list.take()?.publish(in: vault) }
        }
        report = found
        report.strays = walk.strays
        report.firstStray = walk.firstStray?.description
        try await list?.publish(in: vault)
        if report.condemned.blobs > 0, let now { earliest(now, &report) }
    }

    private func add(_ id: String, _ list: ObjectInfo, to sorter: NameSorter) async throws {
        do {
            var reader = try await CondemnedListReader.open(vault, list, id: id)
            var names: [CompactName] = []
            while let (name, _) = try reader.next() {
                names.append(name)
                guard names.count >= 4096 else { continue }
                try await sorter.add(names)
                names.removeAll(keepingCapacity: true)
            }
            try await sorter.add(names)
        } catch let error as StoreError where error.code == .notFound {
            return
        }
    }

    private func earliest(_ listed: Int64, _ report: inout CollectionReport) {
        let due = Timestamp(seconds: listed + options.grace.components.seconds)
        report.nextSweep = report.nextSweep.map { min($0, due) } ?? due
    }
}
