/// CompressionInfo.db: how Data.db is compressed, and where its chunks begin.
///
/// Source: `CompressionMetadata.Writer` of Cassandra 4.0.
struct CompressionInfo {
    /// Before compression.
    var dataLength = 0
    /// Of each chunk in Data.db, ascending.
    var offsets: [UInt64] = []

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + offsets.count * 8)
        bytes.append(utf: "LZ4Compressor")
        bytes.append(bigEndian: Int32(0))  // options
        bytes.append(bigEndian: Int32(TemplatePool.chunk))
        bytes.append(bigEndian: Int32.max)  // a chunk is compressed, however little it gains
        bytes.append(bigEndian: Int64(dataLength))
        bytes.append(bigEndian: Int32(offsets.count))
        for offset in offsets { bytes.append(bigEndian: offset) }
        return bytes
    }
}
