internal import Glibc
package import SystemPackage

/// `openssl s_server` on loopback with a certificate that it signed itself, made anew each time.
///
/// It answers every GET with a page about the TLS session, in which "New" or "Reused" stands.
@safe
package final class TLSServer: Sendable {
    package let port: UInt16
    /// The certificate in PEM form, which is its own authority.
    package let certificate: FilePath
    private let directory: String
    private let process: pid_t
    /// Read by `init` and closed by `stop`, which is called once.
    private nonisolated(unsafe) let output: UnsafeMutablePointer<FILE>

    /// Nil if there is no openssl, or it could not start.
    ///
    /// - Parameter options: further ones for `openssl s_server`.
    package init?(_ options: String = "") {
        var template = Array("/tmp/ringvault-tls-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { return nil }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        certificate = FilePath(directory + "/certificate.pem")
        let script = """
            cd \(directory) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
            -keyout key.pem -out certificate.pem -days 2 -subj /CN=ringvault-test -addext subjectAltName=IP:127.0.0.1 \
            2> /dev/null && echo PID $$ && exec openssl s_server -accept 127.0.0.1:0 -cert certificate.pem \
            -key key.pem -www \(options) < /dev/null 2> /dev/null
            """
        // A pipe to a shell that becomes the server, under the same process id.
        guard let output = unsafe popen(script, "r") else { return nil }
        guard let process = unsafe Self.number(after: "PID ", in: output),
            let port = unsafe Self.number(after: "ACCEPT 127.0.0.1:", in: output)
        else {
            unsafe pclose(output)
            return nil
        }
        self.process = pid_t(process)
        self.port = UInt16(port)
        unsafe self.output = output
    }

    package func url(_ path: String) -> String { "https://127.0.0.1:\(port)\(path)" }

    /// Ends the process and removes its files.
    package func stop() {
        kill(process, SIGKILL)
        unsafe pclose(output)
        for name in ["/key.pem", "/certificate.pem", ""] { unsafe remove(directory + name) }
    }

    /// The number behind `words` in the next line that begins with them.
    private static func number(after words: String, in output: UnsafeMutablePointer<FILE>) -> Int? {
        var line = [CChar](repeating: 0, count: 512)
        while unsafe fgets(&line, Int32(line.count), output) != nil {
            let text = String(decoding: line.prefix { $0 > 0x1F }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix(words) { return Int(text.dropFirst(words.count)) }
        }
        return nil
    }
}
