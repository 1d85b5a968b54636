internal import SystemPackage

/// A new file.
struct OutputFile: ~Copyable {
    private let path: String
    private let file: FileDescriptor

    init(_ path: String) throws(GeneratorError) {
        self.path = path
        do {
            file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
        } catch { throw GeneratorError("create", path, "\(error)") }
    }

    func write(_ bytes: borrowing some Sequence<UInt8>) throws(GeneratorError) {
        do { try file.writeAll(copy bytes) } catch { throw GeneratorError("write", path, "\(error)") }
    }

    /// Makes a hole up to `size`.
    func resize(to size: Int) throws(GeneratorError) {
        do { try file.resize(to: Int64(size)) } catch { throw GeneratorError("write", path, "\(error)") }
    }

    deinit { try? file.close() }

    static func write(_ bytes: [UInt8], to path: String) throws(GeneratorError) {
        let file = try OutputFile(path)
        try file.write(bytes)
    }
}
