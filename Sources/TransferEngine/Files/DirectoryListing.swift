internal import Glibc
package import SystemPackage

/// The names in one directory, in ascending order of their bytes, without `.` and `..`.
package struct DirectoryListing: Sendable {
    /// Names that are UTF-8, so that a manifest can hold them.
    package private(set) var names: [String] = []
    /// Names that are not, with the odd bytes escaped (`\xff`), for a message only.
    package private(set) var oddNames: [String] = []

    /// Lists `path`.
    ///
    /// Blocks: call it on an `IOExecutor`. Wraps opendir(3) and readdir(3).
    package init(of path: FilePath) throws(FileError) {
        try Self.forEachName(in: path) { bytes in
            if let name = String(validating: bytes, as: UTF8.self) {
                names.append(name)
            } else {
                oddNames.append(Self.escaped(bytes))
            }
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        oddNames.sort()
    }

    /// Every name as the file system has it, UTF-8 or not, in no order.
    static func components(of path: FilePath) throws(FileError) -> [FilePath.Component] {
        var components: [FilePath.Component] = []
        try forEachName(in: path) { bytes in
            let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
            let component = unsafe terminated.withUnsafeBufferPointer {
                unsafe FilePath.Component(platformString: $0.baseAddress.unsafelyUnwrapped)
            }
            if let component { components.append(component) }
        }
        return components
    }

    private static func forEachName(in path: FilePath, _ body: ([UInt8]) -> Void) throws(FileError) {
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
            body(bytes)
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
