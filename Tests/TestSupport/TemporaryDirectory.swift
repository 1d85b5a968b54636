// The two below are not ambiguous: the language takes the asynchronous one exactly where `body` suspends.
// swift-format-ignore-file: AmbiguousTrailingClosureOverload

internal import Glibc
package import SystemPackage
internal import TransferEngine

/// Runs `body` with a new directory below `TMPDIR` (or `/tmp`), and removes it afterwards with all it holds.
package func withTemporaryDirectory<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    let directory = try makeTemporaryDirectory()
    defer { try? FileTree.removeAll(directory) }
    return try body(directory)
}

/// Runs `body` with a new directory below `TMPDIR` (or `/tmp`), and removes it afterwards with all it holds.
package func withTemporaryDirectory<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
    let directory = try makeTemporaryDirectory()
    defer { try? FileTree.removeAll(directory) }
    return try await body(directory)
}

private func makeTemporaryDirectory() throws -> FilePath {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    let template = FilePath(parent.isEmpty ? "/tmp" : parent).appending("ringvault-test-XXXXXX").string
    var bytes = template.utf8CString.map { $0 }
    guard unsafe bytes.withUnsafeMutableBufferPointer({ unsafe mkdtemp($0.baseAddress.unsafelyUnwrapped) }) != nil
    else {
        throw Errno(rawValue: errno)
    }
    return FilePath(String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
}
