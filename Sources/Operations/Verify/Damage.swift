internal import ObjectStorage
internal import Vault

/// The blobs that were found to be bad, and who suffers from them.
struct Damage {
    /// Blobs whose sufferers are looked for; beyond, they are only counted.
    private static let limit = VerificationReport.limit

    private struct Entry {
        var problem: VerificationReport.Problem
        var backups: Set<BackupID> = []
        var nodes: Set<Place> = []
        var tables: Set<Place> = []
    }

    private struct Place: Hashable {
        let id: BackupID
        let host: HostID
        var table = ""
    }

    private var entries: [BlobName: Entry] = [:]
    private var order: [BlobName] = []
    private(set) var omitted = 0

    var isEmpty: Bool { order.isEmpty }

    mutating func add(_ name: BlobName, _ fault: BlobFault) {
        guard order.count < Self.limit else {
            omitted += 1
            return
        }
        let problem = VerificationReport.Problem(
            object: (try? name.key.description) ?? name.description,
            kind: fault.kind,
            problem: fault.description
        )
        entries[name] = Entry(problem: problem)
        order.append(name)
    }

    /// Notes who of a manifest's group suffers.
    mutating func visit(_ header: ManifestHeader, _ group: ManifestGroup, _ id: BackupID) {
        for file in group.files {
            for name in Set(file.pieces.map(\.blob)) where entries[name] != nil {
                entries[name]?.problem.files += 1
                entries[name]?.backups.insert(id)
                entries[name]?.nodes.insert(Place(id: id, host: header.hostId))
                entries[name]?.tables.insert(Place(id: id, host: header.hostId, table: group.table))
                guard entries[name]?.problem.sufferers.count ?? 0 < VerificationReport.Problem.limit else { continue }
                entries[name]?.problem.sufferers.append(
                    VerificationReport.Problem.Sufferer(
                        cluster: id.cluster,
                        backup: id.backup,
                        hostId: header.hostId,
                        table: group.table,
                        file: file.path
                    )
                )
            }
        }
    }

    /// In the order of their names.
    var problems: [VerificationReport.Problem] {
        order.sorted().compactMap { name in
            guard let entry = entries[name] else { return nil }
            var problem = entry.problem
            problem.backups = entry.backups.count
            problem.nodes = entry.nodes.count
            problem.tables = entry.tables.count
            return problem
        }
    }
}
