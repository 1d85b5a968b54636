/// What a node's data directory is to hold.
///
/// The same shape gives the same bytes, on every machine.
package struct DataShape: Sendable, Equatable {
    /// Of all content.
    package var seed: UInt64 = 1
    package var keyspace = "shop"
    /// Before a table's number: `orders0`.
    package var tableName = "orders"
    package var tables = 1
    /// Of each table; an SSTable has `Component.allCases.count` files, eight.
    package var sstables: Int
    /// Of each Data.db, less or more by some hundred.
    ///
    /// The other components add a twentieth, and never less than 5 KiB.
    package var dataBytes: Int
    /// Whether Data.db is a hole behind its first 64 KiB, which takes no room.
    package var isSparse = false
    /// Whether snapshots are links to live files, as on a running node; else they are all there is.
    package var hasLiveFiles = false

    package init(sstables: Int, dataBytes: Int) {
        self.sstables = sstables
        self.dataBytes = dataBytes
    }

    /// As many SSTables as give `bytes` of Data.db in all, but one in each table at least.
    package static func total(_ bytes: Int, dataBytes: Int, tables: Int = 1) -> DataShape {
        var shape = DataShape(sstables: max(1, bytes / max(1, dataBytes) / tables), dataBytes: dataBytes)
        shape.tables = tables
        return shape
    }

    /// Small files: as many SSTables as have `files` components, which are `averageBytes` long on average.
    ///
    /// Statistics.db has some 5 KiB whatever it describes, so less than about 1 KiB on average is not to be had.
    package static func small(files: Int, averageBytes: Int, tables: Int = 1) -> DataShape {
        let components = Component.allCases.count
        let data = max(512, (averageBytes * components - 5500) * 20 / 21)
        var shape = DataShape(sstables: max(1, files / components / tables), dataBytes: data)
        shape.tables = tables
        return shape
    }

    /// Of all SSTables.
    package var files: Int { tables * sstables * Component.allCases.count }

    /// Bytes that the files take on disk, rather more than less.
    package var expectedBytes: Int {
        let data = isSparse ? min(dataBytes, 64 << 10) + dataBytes / 1000 : dataBytes
        return tables * sstables * (data * 21 / 20 + 8 << 10)
    }
}
