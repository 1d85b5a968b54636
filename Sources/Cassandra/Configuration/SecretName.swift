/// Whether a setting's value is to be kept from sight, judged by its name.
///
/// Where it cannot be told, it is a secret: a value too much that is hidden can be looked up on the node.
package enum SecretName {
    /// Words that make a name a secret's, in lower case without separators.
    private static let words = [
        "password", "passwd", "passphrase", "passcode", "secret", "credential", "apikey", "accesskey", "privatekey",
        "keymaterial", "signingkey", "encryptionkey",
    ]
    /// The same where they stand alone between separators: `key_pin`, not `spinning`.
    private static let parts: Set<String> = ["pin", "salt", "pwd", "pass", "token", "tokens", "jwt", "hmac"]
    /// Names that hold one of the words and are none: ages of caches, and the tokens of the ring.
    private static let harmless: Set<String> = [
        "credentials_validity_in_ms", "credentials_validity", "credentials_update_interval_in_ms",
        "credentials_update_interval", "credentials_cache_max_entries", "credentials_cache_active_update",
        "initial_token", "num_tokens", "allocate_tokens_for_keyspace",
        "allocate_tokens_for_local_replication_factor", "require_client_auth",
    ]
    /// Words that make one at a name's end: `license_key`, `basic_auth`, but not `key_cache_size`.
    private static let ends: Set<String> = ["key", "auth"]
    /// What ends so and is none.
    private static let harmlessKeys: Set<String> = ["key", "partition_key", "primary_key", "clustering_key"]

    /// - Parameter name: `keystore_password`, `keystorePassword`, `KEYSTORE-PASSWORD`.
    package static func isSecret(_ name: some StringProtocol) -> Bool {
        let lowered = name.lowercased()
        if harmless.contains(lowered) { return false }
        let plain = String(lowered.unicodeScalars.filter { ("a"..."z").contains($0) })
        if words.contains(where: { plain.contains($0) }) { return true }
        let pieces = lowered.split { !$0.isLetter }
        if pieces.contains(where: { parts.contains(String($0)) }) { return true }
        return pieces.count > 1 && pieces.last.map { ends.contains(String($0)) } == true
            && !harmlessKeys.contains(lowered)
    }

    /// Whether a comment should not be trusted after this word, though nothing parts it from what follows.
    static func isAlarming(_ word: some StringProtocol) -> Bool {
        let lowered = word.lowercased()
        return ["password", "passwd", "passphrase", "secret"].contains { lowered.contains($0) }
    }
}
