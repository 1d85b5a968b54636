internal import Glibc

/// Where the body of a response goes: straight into memory that the caller has lent, into a document, or nowhere.
@safe
struct ResponseSink {
    @safe
    private enum Place {
        /// The free part of a lease, which stays borrowed until the transfer has ended.
        case memory(UnsafeMutableRawBufferPointer)
        case document
        case nowhere
    }

    private let place: Place
    /// Bytes that can be taken in all.
    let capacity: Int
    /// Bytes taken so far.
    private(set) var count = 0
    private(set) var document: [UInt8] = []

    /// - Parameter memory: valid until the transfer has ended.
    init(memory: UnsafeMutableRawBufferPointer) {
        place = unsafe .memory(memory)
        capacity = memory.count
    }

    /// - Parameter limit: bytes.
    init(documentOfAtMost limit: Int) {
        place = .document
        capacity = limit
    }

    private init() {
        place = .nowhere
        capacity = .max
    }

    static var nowhere: ResponseSink { ResponseSink() }

    /// Takes all of `bytes`, or none and returns false if they do not fit.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= capacity - count else { return false }
        switch place {
        case .memory(let memory):
            if let from = bytes.baseAddress, let base = memory.baseAddress {
                unsafe (base + count).copyMemory(from: from, byteCount: bytes.count)
            }
        case .document: unsafe document.append(contentsOf: bytes)
        case .nowhere: break
        }
        count += bytes.count
        return true
    }
}
