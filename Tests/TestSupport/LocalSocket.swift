internal import Glibc
package import SystemPackage

/// A connection to a socket in the file system, as rude as a test wants it; closed when the value ends.
///
/// Every call blocks.
package final class LocalSocket: Sendable {
    private let socket: Int32

    /// Nil if nobody listens at `path`, which may have 107 bytes.
    package init?(_ path: FilePath) {
        guard let socket = LoopbackSocket.connect(path: path.string) else { return nil }
        self.socket = socket
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        _ = unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(socket) }

    /// - Returns: whether all was taken.
    @discardableResult
    package func send(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count }
    }

    /// What comes until so many newlines have, or until the other side closes.
    package func receive(lines: Int) -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while text.count(where: { $0 == 0x0A }) < lines {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
