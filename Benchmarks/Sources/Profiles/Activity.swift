/// What a CPU second can go into.
package enum Activity: Sendable, Hashable {
    case sha256, crc32, compression, decompression, encryption
    case read
    /// Bytes into a file's pages.
    case write
    /// Pages for a file, found and zeroed while it is written.
    case freshPages
    case send, receive
    /// A page of memory touched for the first time.
    case pageFaults
    case memoryMapping
    /// open, stat, rename, readdir and the like.
    case fileCalls
    case waiting
    case otherKernel
    case memoryCopy, malloc
    case swiftRuntime, swiftConcurrency, foundation
    case curl, openSSL, libc, linking
    /// Code of a module of the program's own.
    case own(String)
    case unknown

    package var name: String {
        switch self {
        case .sha256: "SHA-256"
        case .crc32: "CRC-32"
        case .compression: "compression"
        case .decompression: "decompression"
        case .encryption: "encryption"
        case .read: "read"
        case .write: "write: copy into pages"
        case .freshPages: "write: fresh pages"
        case .send: "send"
        case .receive: "receive"
        case .pageFaults: "page faults of memory"
        case .memoryMapping: "map and unmap memory"
        case .fileCalls: "open, stat, rename, list"
        case .waiting: "wait and wake"
        case .otherKernel: "kernel, other"
        case .memoryCopy: "memory copy and clear"
        case .malloc: "malloc and free"
        case .swiftRuntime: "Swift runtime and library"
        case .swiftConcurrency: "Swift tasks"
        case .foundation: "Foundation"
        case .curl: "libcurl"
        case .openSSL: "OpenSSL, other"
        case .libc: "libc, other"
        case .linking: "start and link"
        case .own(let module): "code of \(module)"
        case .unknown: "unknown"
        }
    }

    /// Of flame graphs: what is alike has one colour.
    package var colour: Int {
        switch self {
        case .sha256, .crc32, .openSSL: 3
        case .compression, .decompression, .encryption: 2
        case .read, .write, .freshPages, .fileCalls: 1
        case .send, .receive, .curl: 6
        case .pageFaults, .memoryMapping, .memoryCopy, .malloc: 4
        case .waiting, .otherKernel: 8
        case .swiftRuntime, .swiftConcurrency, .foundation: 5
        case .own: 0
        case .libc, .linking, .unknown: 9
        }
    }
}
