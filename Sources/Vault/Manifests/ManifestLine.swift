package import TransferEngine

/// A line of a manifest after the header.
package enum ManifestLine: Sendable, Hashable {
    case document(ManifestDocument)
    case table(ManifestTable)
    case group(ManifestGroup)
    case end(ManifestEnd)
}

/// A table, before the lines of its files.
package struct ManifestTable: Sendable, Hashable {
    /// Its directory below a data directory: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
    package let path: String
    /// `schema.cql` of the snapshot: the statements that make the table.
    ///
    /// Nil where there was none.
    package let schema: String?

    package init(path: String, schema: String?) {
        self.path = path
        self.schema = schema
    }
}

/// Files that belong together: the components of one SSTable, or one file that belongs to none.
package struct ManifestGroup: Sendable, Hashable {
    /// The table's `path`.
    package let table: String
    /// Below the table's directory: `nb-1-big` or `.orders_idx/nb-1-big` for an SSTable, else the file's own path.
    package let name: String
    package let isSSTable: Bool
    /// Index into the header's `dataDirectories`.
    package let directory: Int
    package var files: [ManifestFile]
    /// What was found wrong with it when it was read, such as a Digest.crc32 that does not fit.
    ///
    /// Nil: nothing.
    package var damage: String?

    package init(
        table: String,
        name: String,
        isSSTable: Bool,
        directory: Int,
        files: [ManifestFile],
        damage: String? = nil
    ) {
        self.table = table
        self.name = name
        self.isSSTable = isSSTable
        self.directory = directory
        self.files = files
        self.damage = damage
    }

    /// Where it stands in the order of a manifest.
    package var position: ManifestPosition { ManifestPosition(table: table, name: name, directory: directory) }

    /// Plain bytes.
    package var bytes: Int64 { files.reduce(0) { $0 + $1.size } }
}

/// The order of groups: table, name and data directory, each by its bytes.
///
/// Two manifests are joined by it.
package struct ManifestPosition: Sendable, Hashable, Comparable {
    package let table: String
    package let name: String
    package let directory: Int

    package init(table: String, name: String, directory: Int) {
        self.table = table
        self.name = name
        self.directory = directory
    }

    package static func < (left: Self, right: Self) -> Bool {
        let table = left.table.bytewiseOrder(to: right.table)
        if table != 0 { return table < 0 }
        let name = left.name.bytewiseOrder(to: right.name)
        return name == 0 ? left.directory < right.directory : name < 0
    }
}

/// One file: a component of an SSTable, or a snapshot's own document.
package struct ManifestFile: Sendable, Hashable {
    /// Below the table's directory: `nb-1-big-Data.db`, `.orders_idx/nb-1-big-TOC.txt`.
    package let path: String
    /// Bytes on the node's disk.
    package let size: Int64
    /// Last modification, in nanoseconds since 1970.
    package let modified: Int64
    package let inode: UInt64
    /// SHA-256 of the whole content if one blob holds it; nil for an empty file and for one that is cut in pieces, each
    /// of which is a whole blob and has its hash as its name.
    package let digest: SHA256Digest?
    /// Where the content lies, in order; empty for an empty file.
    package let pieces: [BlobReference]

    package init(
        path: String,
        size: Int64,
        modified: Int64,
        inode: UInt64,
        digest: SHA256Digest?,
        pieces: [BlobReference]
    ) {
        self.path = path
        self.size = size
        self.modified = modified
        self.inode = inode
        self.digest = digest
        self.pieces = pieces
    }
}

extension ManifestFile {
    /// The same file, whose content lies elsewhere.
    package func with(pieces: [BlobReference]) -> ManifestFile {
        ManifestFile(path: path, size: size, modified: modified, inode: inode, digest: digest, pieces: pieces)
    }
}

/// The last line: a manifest without it was cut.
package struct ManifestEnd: Sendable, Hashable {
    package var documents = 0
    package var tables = 0
    package var groups = 0
    package var files = 0
    /// Plain bytes.
    package var bytes: Int64 = 0

    package init() {}

    package mutating func count(_ line: ManifestLine) {
        switch line {
        case .document: documents += 1
        case .table: tables += 1
        case .group(let group):
            groups += 1
            files += group.files.count
            bytes += group.bytes
        case .end: break
        }
    }
}
