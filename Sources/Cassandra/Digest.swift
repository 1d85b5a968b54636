package import SystemPackage
internal import TransferEngine

/// The checksum of `Data.db` that Cassandra writes beside it: `Digest.crc32`, a decimal number as text.
///
/// It is the CRC-32 (zlib's polynomial) of the file's bytes as they lie on disk.
/// Source: `ChecksumWriter.writeFullChecksum`, org.apache.cassandra.io.util.ChecksumWriter, 3.0 to 5.0.
package enum Digest {
    package static let component = "Digest.crc32"

    /// - Throws: `CassandraError` with code `.corrupt` if `bytes` are not one number of 32 bits.
    package static func parse(_ bytes: some Sequence<UInt8>, of name: String) throws(CassandraError) -> UInt32 {
        let text = String(decoding: Array(bytes), as: UTF8.self)
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 1, fields[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = UInt32(fields[0])
        else { throw CassandraError(.corrupt, "read the checksum in", name, "it is not a decimal number of 32 bits") }
        return value
    }

    /// Reads and parses the file; blocks.
    package static func read(_ path: FilePath) throws(CassandraError) -> UInt32 {
        let bytes: [UInt8]
        do { bytes = try SmallFile.bytes(of: path, limit: 256) } catch {
            throw CassandraError("read the checksum in", path.string, error)
        }
        return try parse(bytes, of: path.string)
    }
}
