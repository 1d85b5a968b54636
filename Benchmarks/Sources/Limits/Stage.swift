/// One thing that happens to bytes or files in a backup or a restore, and that no program can do for nothing.
package enum Stage: String, Sendable, Codable, CaseIterable {
    case memoryCopy = "memory copy"
    case read = "read"
    case sha256 = "SHA-256"
    case crc32 = "CRC-32"
    case zstd = "zstd level 1"
    case unzstd = "zstd decompression"
    case lz4 = "LZ4"
    case unlz4 = "LZ4 decompression"
    case aes = "AES-256-GCM"
    case write = "write, fresh pages"
    case rewrite = "write, pages that are there"
    case freshMemory = "fresh memory"
    case send = "loopback send"
    case receive = "loopback receive"
    case listFile = "list a file"
    case openFile = "open and read a file"
    case createFile = "create a file"

    /// What a stage's cost is told per: 10⁹ bytes, or a million files.
    package enum Unit: String, Sendable, Codable {
        case bytes = "10⁹ bytes"
        case files = "10⁶ files"
    }

    package var unit: Unit {
        switch self {
        case .listFile, .openFile, .createFile: .files
        default: .bytes
        }
    }

    /// How it is done where it is measured.
    package var method: String {
        switch self {
        case .memoryCopy: "memcpy(3) between buffers larger than the caches"
        case .read: "pread(2) of 256 KiB from a cached file, into a buffer of 16 MiB"
        case .sha256: "OpenSSL's EVP, steps of 256 KiB that the cache holds"
        case .crc32: "isa-l's crc32_gzip_refl, the same steps"
        case .zstd: "ZSTD_compressCCtx at level 1, 16 MiB of the sample at a time; per plain byte"
        case .unzstd: "ZSTD_decompressDCtx of those frames; per plain byte"
        case .lz4: "LZ4F_compressFrame, 16 MiB of the sample at a time; per plain byte"
        case .unlz4: "LZ4F_decompress of those frames; per plain byte"
        case .aes: "OpenSSL's EVP, 16 MiB at a time"
        case .write: "pwrite(2) of 1 MiB to a new file: its pages are allocated and zeroed or filled"
        case .rewrite: "pwrite(2) of 1 MiB over a file that stands"
        case .freshMemory: "first touch of every page of an anonymous mapping"
        case .send: "send(2) of 512 KiB over TCP on 127.0.0.1, the sender's thread alone"
        case .receive: "recv(2) of up to 256 KiB, the receiver's thread alone"
        case .listFile: "readdir(3) and fstatat(2)"
        case .openFile: "openat(2), fstat(2), pread(2) of 4 KiB, close(2)"
        case .createFile: "openat(2) of a new file, pwrite(2) of 4 KiB, close(2), rename(2)"
        }
    }
}
