import FoundationEssentials

@testable import TestSupport

extension FakeCloud {
    /// The key in `serviceAccountKey`, in PEM form.
    var privateKey: String { ServiceAccountKey.pem }

    /// A shared access signature of the account, good for an hour and for everything a vault needs.
    func accountSAS() -> (text: String, signature: String) {
        let expiry = Date(timeIntervalSince1970: Double(options.now() + 3600)).formatted(.iso8601)
        let (permissions, version) = ("rwdlc", "2022-11-02")
        let lines = [Self.account, permissions, "b", "co", "", expiry, "", "", version, "", ""]
        let key = Base64Text.decode(Self.accountKey) ?? []
        let signature = Base64Text.encode(WireDigest.hmacSHA256(key, Array(lines.joined(separator: "\n").utf8)))
        let parameters = [
            ("sv", version), ("ss", "b"), ("srt", "co"), ("sp", permissions), ("se", expiry), ("sig", signature),
        ]
        return (parameters.map { "\($0)=\(PercentText.encode($1.utf8))" }.joined(separator: "&"), signature)
    }
}
