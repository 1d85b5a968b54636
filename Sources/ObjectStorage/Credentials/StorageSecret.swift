package import SystemPackage
internal import TransferEngine
internal import Yams

/// Keys as the resources of the IBM Cassandra operator give them: a Secret with fixed names.
///
/// Mounted, it is a directory with a file for each name; else one YAML or JSON file with `name: value` lines. Names that are
/// not listed here are left alone, so that a Secret may serve others too.
/// https://github.com/IBM/mr-cassop (docs/cassandrabackup-configuration.md)
package struct StorageSecret: Sendable, Hashable {
    package enum Name: String, Sendable, CaseIterable {
        case awsAccessKeyID = "awsaccesskeyid"
        case awsSecretAccessKey = "awssecretaccesskey"
        case awsRegion = "awsregion"
        case awsEndpoint = "awsendpoint"
        case azureStorageAccount = "azurestorageaccount"
        case azureStorageKey = "azurestoragekey"
        /// The whole JSON of a service account.
        case gcp
    }

    private var values: [Name: String]

    /// Empty values count as missing; line ends around a value do not belong to it.
    package init(_ values: [Name: String]) {
        self.values = values.compactMapValues { value in
            let trimmed = value.drop { $0.isWhitespace }
            let end = trimmed.lastIndex { !$0.isWhitespace }
            return end.map { String(trimmed[...$0]) }
        }
    }

    package subscript(name: Name) -> String? { values[name] }

    /// The access key and its secret, or nothing where a Secret has neither: then the platform's identity is asked.
    ///
    /// - Throws: `.invalid` for half a pair, and for one without `awsregion`, as the operator has it.
    package func awsKeys() throws(CredentialError) -> (id: String, secret: String)? {
        if self[.awsEndpoint] != nil, self[.awsRegion] == nil {
            throw CredentialError(.invalid, "the Secret has awsendpoint but no awsregion: add awsregion")
        }
        switch (self[.awsAccessKeyID], self[.awsSecretAccessKey]) {
        case (nil, nil): return nil
        case (let id?, let secret?):
            guard self[.awsRegion] != nil else {
                throw CredentialError(.invalid, "the Secret has AWS keys but no awsregion: add awsregion")
            }
            return (id, secret)
        case (_?, nil):
            throw CredentialError(.invalid, "the Secret has awsaccesskeyid but no awssecretaccesskey: add it")
        case (nil, _?):
            throw CredentialError(.invalid, "the Secret has awssecretaccesskey but no awsaccesskeyid: add it")
        }
    }

    /// - Throws: `.missing` unless both are there.
    package func azureKey() throws(CredentialError) -> (account: String, key: String) {
        guard let account = self[.azureStorageAccount], let key = self[.azureStorageKey] else {
            throw CredentialError(.missing, "the Secret needs azurestorageaccount and azurestoragekey")
        }
        return (account, key)
    }

    /// - Throws: `.missing` if it is not there.
    package func serviceAccount() throws(CredentialError) -> String {
        guard let json = self[.gcp] else {
            throw CredentialError(.missing, "the Secret needs gcp: the JSON of a service account")
        }
        return json
    }
}

/// Where a `StorageSecret` is.
package enum StorageSecretOrigin: Sendable, Hashable {
    /// A directory with a file for each name, or one YAML or JSON file.
    case path(FilePath)
    case given(StorageSecret)

    /// Reads it, each time anew: a mounted Secret changes when it is rotated.
    ///
    /// Blocks.
    ///
    /// - Throws: `.invalid` with the path, never with a value.
    package func read() throws(CredentialError) -> StorageSecret {
        switch self {
        case .given(let secret): secret
        case .path(let path): try Self.read(path)
        }
    }

    private static func read(_ path: FilePath) throws(CredentialError) -> StorageSecret {
        do {
            guard try FileStatus(of: path, followingLinks: true).kind == .directory else {
                return try parse(try SmallFile.text(of: path, followingLinks: true))
            }
            var values: [StorageSecret.Name: String] = [:]
            for name in StorageSecret.Name.allCases {
                do throws(FileError) {
                    values[name] = try SmallFile.text(of: path.appending(name.rawValue), followingLinks: true)
                } catch {
                    if error.code != .notFound { throw error }
                }
            }
            return StorageSecret(values)
        } catch let error as FileError {
            throw CredentialError(.invalid, "cannot read credentials: \(error)")
        } catch let error as CredentialError {
            throw CredentialError(.invalid, "cannot read credentials from \(path): \(error)")
        } catch {
            // The parser quotes the text it stumbles over, which may be a key.
            throw CredentialError(.invalid, "cannot read credentials from \(path): it is neither YAML nor JSON")
        }
    }

    private static func parse(_ text: String) throws -> StorageSecret {
        guard let mapping = try Yams.compose(yaml: text)?.mapping else {
            throw CredentialError(.invalid, "it is not a list of 'name: value' lines")
        }
        var values: [StorageSecret.Name: String] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar.flatMap({ StorageSecret.Name(rawValue: $0.string) }) else { continue }
            guard let scalar = value.scalar else {
                throw CredentialError(.invalid, "\(name.rawValue) is not one text: quote it, or write it behind '|'")
            }
            values[name] = scalar.string
        }
        return StorageSecret(values)
    }
}
