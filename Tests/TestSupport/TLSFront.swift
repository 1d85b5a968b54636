internal import Glibc
package import SystemPackage

/// TLS before a server that speaks none: `openssl s_server` decrypts one connection on its way to a port on loopback.
///
/// It listens on a Unix socket, since it does not tell the port that the kernel gives it as long as it is to be quiet;
/// a thread carries the bytes between that and a TCP port.
@safe
package final class TLSFront: Sendable {
    package let port: UInt16
    private let listener: Int32
    private let process: pid_t
    private let directory: String
    private let thread: pthread_t

    /// Nil if openssl could not be started, or nobody listens at `target`.
    ///
    /// - Parameters:
    ///   - certificate: in PEM form, with `key.pem` beside it, as `TLSServer` has it.
    ///   - target: the port to which one connection goes.
    ///   - client: the certificate that a client must show; nil: it need not show any.
    package init?(_ certificate: FilePath, to target: UInt16, expecting client: FilePath? = nil) {
        var template = Array("/tmp/ringvault-tls-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil, let inner = LoopbackSocket.connect(port: target) else { return nil }
        defer { close(inner) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = directory + "/s"
        let key = certificate.removingLastComponent().appending("key.pem").string
        var arguments = [
            "openssl", "s_server", "-quiet", "-naccept", "1", "-unix", path, "-cert", certificate.string, "-key", key,
        ]
        if let client { arguments += ["-Verify", "1", "-verify_return_error", "-CAfile", client.string] }
        guard let process = Self.spawn(arguments, onStandardStreams: inner) else { return nil }
        self.process = process
        let (listener, port) = LoopbackSocket.listen()
        (self.listener, self.port) = (listener, port)
        guard let thread = Self.startThread({ Self.carry(listener, to: path) }) else { return nil }
        self.thread = thread
    }

    package func url(_ path: String) -> String { "https://127.0.0.1:\(port)\(path)" }

    /// Ends the process and the thread.
    package func stop() {
        kill(process, SIGKILL)
        _ = waitpid(process, nil, 0)
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(thread, nil)
        close(listener)
        for name in ["/s", ""] { unsafe remove(directory + name) }
    }

    private static func carry(_ listener: Int32, to path: String) {
        guard let outer = LoopbackSocket.accept(listener) else { return }
        defer { close(outer) }
        // The program says nothing when it listens. Two minutes, and the test fails as one without a server.
        let end = ContinuousClock.now.advanced(by: .seconds(120))
        while ContinuousClock.now < end {
            if let inner = LoopbackSocket.connect(path: path) {
                LoopbackSocket.join(outer, inner)
                close(inner)
                return
            }
            sched_yield()
        }
    }

    private static func spawn(_ arguments: [String], onStandardStreams socket: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var process = pid_t()
        let code = unsafe posix_spawnp(&process, "openssl", &actions, nil, words, Glibc.environ)
        return code == 0 ? process : nil
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        final class Start {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                // Our own pointer, retained for this thread.
                // swift-format-ignore: NeverForceUnwrap
                unsafe Unmanaged<Start>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            },
            Unmanaged.passRetained(Start(body)).toOpaque()
        )
        return code == 0 ? thread : nil
    }
}
