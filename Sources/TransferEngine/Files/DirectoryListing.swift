internal import Glibc
package import SystemPackage

/// The names in one directory, in ascending order of their bytes, without `.` and `..`.
package struct DirectoryListing: Sendable {
    /// One name, and what stands under it where the file system told it along; nil: it has to be asked.
    package struct Entry: Sendable {
        package let name: String
        package let kind: FileStatus.Kind?
    }

    /// Those whose names are UTF-8, so that a manifest can hold them.
    package private(set) var entries: [Entry] = []
    /// Names that are not, with the odd bytes escaped (`\xff`), for a message only.
    package private(set) var oddNames: [String] = []

    /// Lists `path`.
    ///
    /// Blocks: call it on an `IOExecutor`. Wraps opendir(3) and readdir(3).
    package init(of path: FilePath) throws(FileError) {
        // Sorted before they become texts: thousands of texts that change places cost most of a listing.
        var names: [UInt8] = []
        var found: [(name: Range<Int>, kind: FileStatus.Kind?)] = []
        try Self.forEachName(in: path) { bytes, kind in
            found.append((names.count..<names.count + bytes.count, kind))
            unsafe bytes.withUnsafeBufferPointer { unsafe names.append(contentsOf: $0) }
        }
        unsafe names.withUnsafeBufferPointer { names in
            guard let start = names.baseAddress else { return }
            found.sort { left, right in
                let shared = min(left.name.count, right.name.count)
                let order = unsafe memcmp(start + left.name.lowerBound, start + right.name.lowerBound, shared)
                return order == 0 ? left.name.count < right.name.count : order < 0
            }
        }
        entries.reserveCapacity(found.count)
        for (name, kind) in found {
            let bytes = names.span.extracting(name)
            if let text = try? UTF8Span(validating: bytes) {
                entries.append(Entry(name: String(copying: text), kind: kind))
            } else {
                oddNames.append(Self.escaped(Self.array(bytes)))
            }
        }
        oddNames.sort()
    }

    package var names: [String] { entries.map(\.name) }

    /// Every name as the file system has it, UTF-8 or not, in no order.
    package static func components(of path: FilePath) throws(FileError) -> [FilePath.Component] {
        var components: [FilePath.Component] = []
        try forEachName(in: path) { bytes, _ in
            let terminated = array(bytes).map { CChar(bitPattern: $0) } + [0]
            let component = unsafe terminated.withUnsafeBufferPointer {
                unsafe FilePath.Component(platformString: $0.baseAddress.unsafelyUnwrapped)
            }
            if let component { components.append(component) }
        }
        return components
    }

    private static func forEachName(
        in path: FilePath,
        _ body: (Span<UInt8>, FileStatus.Kind?) -> Void
    ) throws(FileError) {
        let directory = unsafe path.withPlatformString { unsafe opendir($0) }
        guard let directory = unsafe directory else { throw FileError("list", path, .current) }
        defer { unsafe closedir(directory) }
        while true {
            errno = 0
            guard let entry = unsafe readdir(directory) else {
                guard errno == 0 else { throw FileError("list", path, .current) }
                break
            }
            let kind: FileStatus.Kind? =
                switch unsafe Int(entry.pointee.d_type) {
                case Int(DT_REG): .regular
                case Int(DT_DIR): .directory
                case Int(DT_UNKNOWN): nil
                default: .other
                }
            unsafe withUnsafeBytes(of: &entry.pointee.d_name) { field in
                let field = unsafe field.assumingMemoryBound(to: UInt8.self)
                let name = unsafe UnsafeBufferPointer(rebasing: field[..<(field.firstIndex(of: 0) ?? field.count)]).span
                let isDots = name.count <= 2 && name.indices.allSatisfy { name[$0] == 0x2E }
                if !isDots { body(name, kind) }
            }
        }
    }

    private static func array(_ bytes: Span<UInt8>) -> [UInt8] {
        [UInt8](capacity: bytes.count) { output in
            for index in bytes.indices { output.append(bytes[index]) }
        }
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            if (0x20..<0x7F).contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}
