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
        try Self.forEachName(in: path) { bytes, kind in
            if let name = String(validating: bytes, as: UTF8.self) {
                entries.append(Entry(name: name, kind: kind))
            } else {
                oddNames.append(Self.escaped(bytes))
            }
        }
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        oddNames.sort()
    }

    package var names: [String] { entries.map(\.name) }

    /// Every name as the file system has it, UTF-8 or not, in no order.
    package static func components(of path: FilePath) throws(FileError) -> [FilePath.Component] {
        var components: [FilePath.Component] = []
        try forEachName(in: path) { bytes, _ in
            let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
            let component = unsafe terminated.withUnsafeBufferPointer {
                unsafe FilePath.Component(platformString: $0.baseAddress.unsafelyUnwrapped)
            }
            if let component { components.append(component) }
        }
        return components
    }

    private static func forEachName(in path: FilePath, _ body: ([UInt8], FileStatus.Kind?) -> Void) throws(FileError) {
        let directory = unsafe path.withPlatformString { unsafe opendir($0) }
        guard let directory = unsafe directory else { throw FileError("list", path, .current) }
        defer { unsafe closedir(directory) }
        while true {
            errno = 0
            guard let entry = unsafe readdir(directory) else {
                guard errno == 0 else { throw FileError("list", path, .current) }
                break
            }
            let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
            let kind: FileStatus.Kind? =
                switch unsafe Int(entry.pointee.d_type) {
                case Int(DT_REG): .regular
                case Int(DT_DIR): .directory
                case Int(DT_UNKNOWN): nil
                default: .other
                }
            body(bytes, kind)
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
