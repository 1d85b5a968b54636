internal import CLinux
internal import Glibc
package import SystemPackage
package import TransferEngine

/// The runs of this host, as another process sees them.
///
/// Every call blocks.
package struct RunList: Sendable {
    private let runs: FilePath

    /// - Parameter state: the state directory's path, which need not be there.
    package init(_ state: FilePath) {
        runs = state.appending("runs")
    }

    /// One run: its directory, and how it is now.
    package struct Entry: Sendable, Hashable {
        package let path: FilePath
        package let run: RunState

        package init(path: FilePath, run: RunState) {
            self.path = path
            self.run = run
        }
    }

    /// Runs of that kind, the latest first: those at work as they say themselves, the others as they were left.
    ///
    /// - Throws: `FileError` for a directory that may not be read.
    package func entries(_ kind: RunIdentity.Kind) throws(FileError) -> [Entry] {
        let names: [String]
        do throws(FileError) {
            names = try DirectoryListing(of: runs).names
        } catch {
            if error.code == .notFound { return [] }
            throw error
        }
        let entries = names.filter { $0.hasPrefix("\(kind.rawValue)-") }.compactMap { name -> Entry? in
            let path = runs.appending(name)
            let live = try? Self.ask(ControlRequest(.status), of: path)
            // Read after the question: who has just ended says so before the socket goes.
            return (live?.run ?? RunState.read(in: path)).map { Entry(path: path, run: $0) }
        }
        return entries.sorted { ($0.run.started, $0.run.id) > ($1.run.started, $1.run.id) }
    }

    /// The run as it is now: as it says itself, or as it was left.
    package static func now(_ entry: Entry) -> Entry {
        let run = (try? ask(ControlRequest(.status), of: entry.path))?.run ?? RunState.read(in: entry.path)
        return Entry(path: entry.path, run: run ?? entry.run)
    }

    /// Sends a request to the run in `directory`, and waits for the answer.
    ///
    /// - Throws: `FileError`: `.notFound` or `.other` (ECONNREFUSED) where nothing listens.
    package static func ask(_ request: ControlRequest, of directory: FilePath) throws(FileError) -> ControlAnswer {
        let path = directory.appending(ControlServer.name)
        let folder = unsafe directory.withPlatformString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { throw FileError("open", directory, Errno(rawValue: errno)) }
        let socket = unsafe clinux_connect_local(folder, ControlServer.name)
        let failure = Errno(rawValue: errno)
        close(folder)
        guard socket >= 0 else { throw FileError("connect to", path, failure) }
        defer { close(socket) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = unsafe setsockopt(socket, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        let line = request.line
        let sent = unsafe line.withUnsafeBytes {
            unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == line.count else { throw FileError("write to", path, Errno(rawValue: errno)) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while text.last != 0x0A, text.count < 1 << 20 {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            guard count != 0 else { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileError("read from", path, Errno(rawValue: errno))
            }
            text += buffer[..<count]
        }
        guard let answer = ControlAnswer(line: text) else { throw FileError("read from", path, .truncated) }
        return answer
    }
}
