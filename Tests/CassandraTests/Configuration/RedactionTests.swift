import SystemPackage
import Testing

@testable import Cassandra

@Suite struct `A redacted configuration` {
    private func redacted(_ text: String) throws -> String {
        try Redaction.redacted(ConfigurationYAML(path: "/c.yaml", text: text))
    }

    /// Each holds a canary where a secret can stand, and what must still be there.
    @Test(
        arguments: [
            ("keystore_password: CANARY", "keystore_password: <redacted>"),
            (
                "server_encryption_options:\n    keystore: conf/.keystore\n    keystore_password: CANARY1\n    truststore_password:    CANARY2 # CANARY2 again\n    cipher_suites: [a]",
                "keystore: conf/.keystore"
            ),
            ("client_encryption_options: {enabled: true, keystore_password: CANARY, optional: false}", "optional"),
            ("{\"keystore_password\": \"CANARY\", \"x\": 1}", "keystore_password"),
            ("'truststore_password' : 'CANARY''CANARY'\nnext: 1", "next: 1"),
            ("keystore_password: |\n  CANARY1\n  CANARY2\n\n  CANARY3\nnext: kept", "next: kept"),
            ("keystore_password: >-\n  CANARY1\n  CANARY2\nnext: kept", "next: kept"),
            ("keystore_password: \"CANARY1\n  CANARY2 \\\n  CANARY3\"\nnext: kept", "next: kept"),
            ("keystore_password: CANARY1\n  CANARY2\n  CANARY3\nnext: kept", "next: kept"),
            ("keystore_password: 'CANARY1''x\n  CANARY2'\nnext: kept", "next: kept"),
            ("keystore_password: \"CANARY1\\\"x\n  CANARY2\"\nnext: kept", "next: kept"),
            ("keystore_password: &p 'CANARY1\n  CANARY2'\nnext: kept", "next: kept"),
            ("x: {keystore_password: \"CANARY # no comment\", kept: 1}", "kept: 1"),
            ("creds: &c {a: CANARY1}\npassword_store: *c\nnext: kept", "next: kept"),
            ("a: &pw CANARY\nkeystore_password: *pw\nnext: kept", "next: kept"),
            ("base: &b\n  keystore_password: CANARY\nnode:\n  <<: *b\n  kept: 1", "kept: 1"),
            ("? keystore_password\n: CANARY\nnext: kept", "next: kept"),
            ("\"keystore_\\u0070assword\": CANARY\nnext: kept", "next: kept"),
            ("key_password: !!str CANARY\nnext: kept", "next: kept"),
            ("keystore_password:\n  - CANARY1\n  - CANARY2\nnext: kept", "next: kept"),
            ("credentials:\n  user: CANARY1\n  more:\n    deep: CANARY2\nnext: kept", "next: kept"),
            (
                "transparent_data_encryption_options:\n  key_provider:\n    - class_name: x\n      parameters:\n        - keystore: kept\n          keystore_password: CANARY\n          key_password: CANARY",
                "keystore: kept"
            ),
            ("# keystore_password: CANARY\nnext: kept", "next: kept"),
            ("#keystore_password=CANARY\n    # the password is CANARY\nnext: kept", "next: kept"),
            ("x: 1 # truststore_password: CANARY\nnext: kept", "x: 1"),
            ("jvm: \"-Dssl.keyStorePassword=CANARY -Dx=y\"\nnext: kept", "next: kept"),
            ("url: https://user:CANARY@host/path\nnext: kept", "@host/path"),
            ("keystore_password: CANARY-long\n# it was CANARY-long before\nnext: kept", "next: kept"),
            ("parameters:\n  - name: api_key\n    value: CANARY\n  - name: kept\n    value: kept", "value: kept"),
            ("a: {b: {auth_token: CANARY1\n  CANARY2}, kept: 1}", "kept: 1"),
            ("keystore_password: CANARY\r\nnext: kept\r\n", "next: kept"),
            ("aws_secret_access_key: CANARY\nsession_token: CANARY\nencryption_key: CANARY\nsalt: CANARY", "salt:"),
            ("\u{FEFF}keystore_password: CANARY\nnext: kept", "next: kept"),
            ("keystore_password: {a: CANARY1, b: [CANARY2, \"CANARY3\"]}\nnext: kept", "next: kept"),
            ("text: é\u{1F600}\nflow: {é: \u{1F600}, keystore_password: CANARY, kept: 1}", "kept: 1"),
        ]
    )
    func `holds no canary, and what is beside it`(text: String, kept: String) throws {
        let result = try redacted(text)
        #expect(!result.contains("CANARY"), "\(result)")
        #expect(result.contains(kept), "\(result)")
        #expect(result.contains("<redacted>"))
        #expect(
            result.split(separator: "\n", omittingEmptySubsequences: false).count
                == text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
        )
    }

    @Test func `keeps every line, and all that is no secret`() throws {
        let text = """
            # Cassandra storage config YAML

            cluster_name: 'Test Cluster'
            num_tokens: 16
            initial_token: -9223372036854775808,0
            allocate_tokens_for_local_replication_factor: 3
            authenticator: PasswordAuthenticator
            role_manager: CassandraRoleManager
            auth_read_consistency_level: LOCAL_QUORUM
            credentials_validity: 2000ms
            key_cache_size: 100MiB
            client_encryption_options:
              enabled: true
              keystore: /etc/cassandra/.keystore
              keystore_password: cassandra
              # comment that stays
              require_client_auth: false
            transparent_data_encryption_options:
              chunk_length_kb: 64
              key_alias: testing:1
              iv_length: 16
            """
        #expect(
            try redacted(text) == text.replacing("keystore_password: cassandra", with: "keystore_password: <redacted>")
        )
    }

    @Test func `of properties hides what YAML would`() {
        let text = "dc=dc1\nrack=rack1\n# ec2_secret=CANARY\naws.password = CANARY\nec2_metadata_type=v2\n"
        let result = Redaction.redacted(properties: text)
        #expect(Redaction.redacted(properties: text.replacing("\n", with: "\r\n")) == result)
        #expect(!result.contains("CANARY"))
        #expect(result.hasPrefix("dc=dc1\nrack=rack1\n"))
        #expect(result.hasSuffix("\nec2_metadata_type=v2\n"))
    }

    @Test func `that unfolds without end is refused`() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...7 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: CassandraError.self) { try redacted(text) }
        #expect(error?.code == .invalid)
    }
}
