internal import Vault

/// An operation is one file of a manifest.
extension Stage {
    static var manifests: [Stage] { [encode, decode, join] }

    private static var encode: Stage {
        Stage("manifest-encode", .items, operations: ManifestSample.files) {
            let sample = try await ManifestSample()
            return { operations in
                for _ in 0..<operations / ManifestSample.files { try await sample.publish("encoded") }
            }
        }
    }

    private static var decode: Stage {
        Stage("manifest-decode", .items, operations: ManifestSample.files) {
            let sample = try await ManifestSample()
            try await sample.publish("decoded")
            let key = try sample.id("decoded").manifestKey(sample.host)
            return { operations in
                for _ in 0..<operations / ManifestSample.files {
                    var reader = try await ManifestReader.open(sample.vault, key: key)
                    var files = 0
                    while let line = try await reader.next() {
                        if case .group(let group) = line { files += group.files.count }
                    }
                    guard files == ManifestSample.files else { throw StageError("\(files) files") }
                }
            }
        }
    }

    /// Two manifests of the same node read side by side, as a difference of backups does it.
    private static var join: Stage {
        Stage("manifest-join", .items, operations: ManifestSample.files) {
            let sample = try await ManifestSample()
            try await sample.publish("first")
            try await sample.publish("second")
            let listings = try await Catalogue(sample.vault).backups()
            guard listings.count == 2 else { throw StageError("\(listings.count) backups") }
            return { operations in
                for _ in 0..<operations / ManifestSample.files {
                    let difference = try await BackupDifference.between(listings[0], listings[1], sample.vault)
                    guard difference.tables.allSatisfy(\.isSame), difference.tables.first?.same.groups == 1000 else {
                        throw StageError("they differ")
                    }
                }
            }
        }
    }
}
