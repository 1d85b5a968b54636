internal import SystemPackage
internal import TransferEngine

/// The profiles in the two files that Amazon's tools share.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
struct AWSProfiles {
    /// One section, with the keys of both files; those of the credentials file count first.
    struct Profile {
        fileprivate var values: [String: String] = [:]

        subscript(name: String) -> String? { values[name] }

        var hasCredentials: Bool {
            ["aws_access_key_id", "role_arn", "credential_process", "sso_session", "sso_start_url"]
                .contains { values[$0] != nil }
        }

        fileprivate var keys: AWSKeys? {
            guard let id = self["aws_access_key_id"], let secret = self["aws_secret_access_key"] else { return nil }
            return AWSKeys(id: id, secret: secret, sessionToken: self["aws_session_token"])
        }
    }

    private var profiles: [String: Profile] = [:]
    private let name: String
    /// Whether AWS_PROFILE names it.
    let isChosen: Bool

    /// Nil: there is none of that name.
    var profile: Profile? { profiles[name] }

    /// Blocks: two small files.
    ///
    /// - Throws: `.invalid` for a file that cannot be read, or a profile that was asked for and is not there.
    init(_ context: CredentialContext) throws(CredentialError) {
        let chosen = context.variable("AWS_PROFILE")
        isChosen = chosen != nil
        name = chosen ?? "default"
        let config = context.variable("AWS_CONFIG_FILE").map { FilePath($0) } ?? context.inHome(".aws/config")
        let shared = context.variable("AWS_SHARED_CREDENTIALS_FILE").map { FilePath($0) }
        try add(config, isConfig: true)
        try add(shared ?? context.inHome(".aws/credentials"), isConfig: false)
        if let chosen, profiles[chosen] == nil {
            throw CredentialError(.invalid, "AWS_PROFILE names '\(chosen)', which is in none of AWS's files")
        }
    }

    private mutating func add(_ path: FilePath?, isConfig: Bool) throws(CredentialError) {
        guard let path, path != "/dev/null" else { return }  // a common way to have none
        let text: String
        do throws(FileError) {
            text = try SmallFile.text(of: path, followingLinks: true)
        } catch {
            if error.code == .notFound { return }
            throw CredentialError(.invalid, "cannot read AWS's settings: \(error)")
        }
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.first == " " || line.first == "\t" { continue }  // belongs to a nested setting, none of ours
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                let words = line[line.index(after: line.startIndex)..<end].split(separator: " ").map(String.init)
                switch words.count {
                case 1 where !isConfig || words[0] == "default": section = words[0]
                case 2 where isConfig && words[0] == "profile": section = words[1]
                default: section = nil
                }
                continue
            }
            guard let section, let equals = line.firstIndex(of: "=") else { continue }
            let key = line[..<equals].split(separator: " ").joined().lowercased()
            let value = Self.value(line[line.index(after: equals)...])
            if !value.isEmpty { profiles[section, default: Profile()].values[key] = value }
        }
    }

    /// Without spaces around it, and without a comment, which a space parts from it.
    private static func value(_ text: Substring) -> String {
        let text = text.firstRange(of: " #").map { text[..<$0.lowerBound] } ?? text
        let trimmed = text.drop { $0.isWhitespace }
        return trimmed.lastIndex { !$0.isWhitespace }.map { String(trimmed[...$0]) } ?? ""
    }

    // MARK: What a profile says where its keys come from

    func source(
        _ context: CredentialContext,
        region: String?
    ) throws(CredentialError) -> any CredentialSource<AWSKeys> {
        try source(of: name, context, region, depth: 0)
    }

    private func source(
        of name: String,
        _ context: CredentialContext,
        _ region: String?,
        depth: Int
    ) throws(CredentialError) -> any CredentialSource<AWSKeys> {
        let title = "the profile '\(name)'"
        guard let profile = profiles[name] else {
            throw CredentialError(.invalid, "\(title) is in none of AWS's files")
        }
        guard depth < 5 else { throw CredentialError(.invalid, "\(title) leads to itself") }
        if let role = profile["role_arn"] {
            if let file = profile["web_identity_token_file"] {
                let session = profile["role_session_name"]
                return AWSWebIdentity(context: context, file: file, role: role, session: session, region: region)
            }
            let base = try base(of: profile, name, context, region, depth: depth)
            return AWSAssumedRole(
                context: context,
                base: CredentialCache(base, clock: context.clock),
                role: role,
                session: profile["role_session_name"],
                externalID: profile["external_id"],
                region: region
            )
        }
        if let keys = profile.keys { return StaticAWSKeys(name: title, keys: keys) }
        if profile["credential_process"] != nil {
            throw CredentialError(.invalid, "\(title) has a credential_process: Ringvault runs no programs; use a role")
        }
        if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
            throw CredentialError(.invalid, "\(title) signs in by SSO, which is for people; give the node a role")
        }
        throw CredentialError(.missing, "\(title) has no keys and no role")
    }

    /// The keys with which a profile assumes its role.
    private func base(
        of profile: Profile,
        _ name: String,
        _ context: CredentialContext,
        _ region: String?,
        depth: Int
    ) throws(CredentialError) -> any CredentialSource<AWSKeys> {
        let title = "the profile '\(name)'"
        if let other = profile["source_profile"] {
            if other == name, let keys = profile.keys { return StaticAWSKeys(name: title, keys: keys) }
            return try source(of: other, context, region, depth: depth + 1)
        }
        switch profile["credential_source"] {
        case "Ec2InstanceMetadata": return AWSInstance(context: context)
        case "EcsContainer":
            guard let container = try AWSContainer.find(context) else {
                throw CredentialError(.invalid, "\(title) wants the container's role, but this is no such container")
            }
            return container
        case "Environment":
            guard let id = context.variable("AWS_ACCESS_KEY_ID"),
                let secret = context.variable("AWS_SECRET_ACCESS_KEY")
            else { throw CredentialError(.invalid, "\(title) wants keys from the environment, which has none") }
            let keys = AWSKeys(id: id, secret: secret, sessionToken: context.variable("AWS_SESSION_TOKEN"))
            return StaticAWSKeys(name: "AWS_ACCESS_KEY_ID", keys: keys)
        default:
            throw CredentialError(.invalid, "\(title) has a role_arn but no source_profile and no credential_source")
        }
    }
}
