extension FakeCloud {
    /// What the credential of a node that may only write is allowed; everything else is refused.
    package struct Policy: Sendable {
        /// Prefixes of keys that may be created; nothing that is there may be replaced.
        package var creates: [String]
        /// Prefixes of keys that may be got.
        package var reads: [String]
        /// Prefixes that may be listed.
        package var lists: [String]

        package init(creates: [String], reads: [String], lists: [String]) {
            self.creates = creates
            self.reads = reads
            self.lists = lists
        }

        /// What Ringvault needs of it, for a vault at `prefix`.
        package static func writeOnly(_ prefix: String) -> Policy {
            Policy(
                creates: ["\(prefix)/blobs/", "\(prefix)/clusters/"],
                reads: ["\(prefix)/condemned/"],
                lists: ["\(prefix)/condemned/"]
            )
        }

        fileprivate static func covers(_ prefixes: [String], _ key: String?) -> Bool {
            guard let key else { return false }
            return prefixes.contains { key.utf8.starts(with: $0.utf8) }
        }
    }

    /// The access key of a user with the policy alone.
    package static let restrictedAccessKey = "AKIDWRITEONLY"
    package static let restrictedSecretKey = "x9Jq+EXAMPLE/WriteOnlyKeyThatNobodyElseHas1"
    /// An application with the policy alone.
    package static let restrictedClientID = "99999999-2222-4333-8444-555555555555"
    package static let restrictedClientSecret = "write~only+secret/with=odd&characters"
    /// A service account with the policy alone, whose key is that of the other.
    package static let restrictedServiceAccount = "node@project.iam.gserviceaccount.com"
}

extension CloudContext {
    /// Whether the policy lets a request with the restricted credential be made, but for what is there already.
    ///
    /// - Parameter prefix: of a listing.
    func isPermitted(_ key: String?, prefix: String?) -> Bool {
        guard let policy = options.policy else { return false }
        return switch request.operation {
        case .put: FakeCloud.Policy.covers(policy.creates, key)
        case .get, .head: FakeCloud.Policy.covers(policy.reads, key)
        case .list: FakeCloud.Policy.covers(policy.lists, prefix)
        case .delete, .batchDelete, .token, .other: false
        }
    }
}
