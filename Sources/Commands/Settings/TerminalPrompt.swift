internal import ArgumentParser
internal import Glibc
internal import TransferEngine

/// Asks who sits before the machine for a secret, which is not shown while it is typed.
enum TerminalPrompt {
    /// Whether someone sits there: a run by a timer must fail and not wait.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 }

    /// - Throws: `ValidationError` if nothing was typed; `CancellationError` if Ctrl-C was.
    static func ask(_ question: String) async throws -> SecretBytes {
        // A read from a terminal blocks: on a thread of its own.
        try await IOExecutor(threads: 1).run { try read(question) }
    }

    private static func read(_ question: String) throws -> SecretBytes {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { throw ValidationError("there is no terminal to ask for a passphrase") }
        defer { close(terminal) }
        var before = termios()
        guard unsafe tcgetattr(terminal, &before) == 0 else {
            throw ValidationError("the terminal cannot be asked for a passphrase")
        }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            unsafe tcsetattr(terminal, TCSAFLUSH, &before)
            write("\n", to: terminal)
        }
        write(question, to: terminal)
        return try line(from: terminal)
    }

    /// What is typed up to the line's end; of up to a thousand bytes.
    private static func line(from terminal: Int32) throws -> SecretBytes {
        var count = 0
        var isEnded = false
        let typed = try SecretBytes(count: 1000) { bytes in
            while !isEnded {
                // In small steps, so that Ctrl-C ends it and the terminal gets its echo back.
                try Task.checkCancellation()
                var wanted = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
                guard unsafe poll(&wanted, 1, 100) > 0 else { continue }
                var byte: UInt8 = 0
                let got = unsafe Glibc.read(terminal, &byte, 1)
                if got < 0, errno == EINTR { continue }
                isEnded = got <= 0 || byte == 0x0A || byte == 0x0D
                if isEnded { break }
                guard count < bytes.count else { throw ValidationError("the passphrase is too long") }
                bytes[count] = byte
                count += 1
            }
        }
        guard count > 0 else { throw ValidationError("no passphrase was given") }
        return SecretBytes(typed, 0..<count)
    }

    private static func write(_ text: String, to terminal: Int32) {
        var text = text
        text.withUTF8 { _ = unsafe Glibc.write(terminal, $0.baseAddress, $0.count) }
    }
}
