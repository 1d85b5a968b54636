internal import SystemPackage
internal import TransferEngine

/// The texts of cqlsh's two files of settings, in the format of Python's ConfigParser.
///
/// cqlsh up to 4.0 takes user and password from cqlshrc; later ones from `credentials` beside it, and will ignore those in
/// cqlshrc. So both have them. Source: `read_options`, bin/cqlsh.py of Cassandra 3.11 and 4.0, cqlshlib/cqlshmain.py of
/// 4.1 and 5.0; `ssl_settings`, cqlshlib/sslhandling.py.
struct CQLShellFiles {
    /// Nil where the user has files of their own.
    let settings: String?
    let credentials: String?

    /// Where systems keep the certificates that they trust: Debian and Alpine, Red Hat, SUSE.
    private static let systemAuthorities = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
    ]

    /// Reads the password; blocks.
    init(_ settings: CQLShell.Settings) throws(CassandraError) {
        guard settings.ownSettings == nil else {
            (self.settings, credentials) = (nil, nil)
            return
        }
        var text = ""
        var credentials: String?
        if let login = settings.login {
            let user = try Self.escaped(Self.line(login.user, of: "the user's name"))
            let password = try Self.password(in: login.passwordFile)
            text += "[authentication]\nusername = \(user)\npassword = \(password)\n"
            credentials = "[plain_text_auth]\nusername = \(user)\npassword = \(password)\n"
        }
        if let tls = settings.tls {
            guard let authorities = tls.authorities ?? Self.systemAuthority else {
                throw CassandraError(
                    .invalid,
                    "prepare",
                    "cqlsh",
                    "this system has no list of certificates to trust: give the file of who signed the node's"
                )
            }
            text += "[ssl]\nvalidate = true\ncertfile = \(try Self.path(authorities))\n"
            if let certificate = tls.certificate { text += "usercert = \(try Self.path(certificate))\n" }
            if let key = tls.key { text += "userkey = \(try Self.path(key))\n" }
        }
        self.settings = text
        self.credentials = credentials
    }

    private static var systemAuthority: FilePath? {
        systemAuthorities.map { FilePath($0) }.first { (try? FileStatus(of: $0, followingLinks: true)) != nil }
    }

    private static func password(in path: FilePath) throws(CassandraError) -> String {
        let text: String
        do { text = try SmallFile.text(of: path, limit: 64 << 10, followingLinks: true) } catch {
            throw CassandraError("read the password in", path.string, error)
        }
        let first = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let password = first.hasSuffix("\r") ? first.dropLast() : first
        guard !password.isEmpty else {
            throw CassandraError(.invalid, "read the password in", path.string, "its first line is empty")
        }
        return try line(String(password), of: "the password in \(path)")
    }

    /// ConfigParser reads one line, without white space at its ends.
    private static func line(_ text: String, of what: String) throws(CassandraError) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isPlain, !text.isEmpty, text.first?.isWhitespace != true, text.last?.isWhitespace != true else {
            throw CassandraError(
                .invalid,
                "prepare",
                "cqlsh",
                "\(what) is empty, has control characters, or begins or ends with white space, which cqlsh cannot take "
                    + "from its files"
            )
        }
        return text
    }

    private static func path(_ path: FilePath) throws(CassandraError) -> String {
        try escaped(line(path.string, of: "the path \(path)"))
    }

    /// ConfigParser takes `%` for the beginning of a variable, except in passwords, which cqlsh reads raw.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text { escaped += character == "%" ? "%%" : String(character) }
        return escaped
    }
}
