import Glibc
import SystemPackage
import TransferEngine

/// Makes a file with `text`, and the directories above it.
func make(_ path: FilePath, _ text: String = "") throws {
    try FileTree.makeDirectories(path.removingLastComponent())
    try WritableFile(path, creation: .mustBeNew).write(Array(text.utf8).span, at: 0)
}

/// Makes a file whose name need not be UTF-8 for the time of `body`; `FileTree.removeAll` passes over such.
func withFile(_ name: [UInt8], in directory: FilePath, _ body: () throws -> Void) throws {
    let path = Array(directory.string.utf8) + [UInt8(ascii: "/")] + name + [0]
    defer {
        _ = unsafe path.withUnsafeBytes { bytes in
            unsafe unlink(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self))
        }
    }
    let descriptor = unsafe path.withUnsafeBytes { bytes in
        unsafe open(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self), O_CREAT | O_WRONLY, 0o644)
    }
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    close(descriptor)
    try body()
}

func symlink(to target: FilePath, at path: FilePath) throws {
    guard unsafe Glibc.symlink(target.string, path.string) == 0 else { throw Errno(rawValue: errno) }
}

func makePipe(at path: FilePath) throws {
    guard unsafe mkfifo(path.string, 0o644) == 0 else { throw Errno(rawValue: errno) }
}
