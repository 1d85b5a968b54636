internal import TransferEngine

// One JSON object a line. Written and read by hand: a node can have a million files, and a generic coder is ten times
// slower than the merge join it would feed. The names are those of `docs/vault-format.md`.

extension ManifestLine {
    /// What the line of a table begins with, and no other.
    static let tableStart = Array("{\"type\":\"table\",".utf8)

    func append(to json: inout JSONText) {
        switch self {
        case .document(let document): document.append(to: &json)
        case .table(let table): table.append(to: &json)
        case .group(let group): group.append(to: &json)
        case .end(let end): end.append(to: &json)
        }
        json.endLine()
    }

    /// - Throws: `JSONError` for what is not JSON or lacks what its type must have.
    init(json bytes: Span<UInt8>) throws(JSONError) {
        var line = RawLine()
        var scanner = JSONScanner(bytes)
        try scanner.object { (key, scanner) throws(JSONError) in try line.read(key, &scanner) }
        try scanner.end()
        self = try line.checked()
    }
}

extension ManifestDocument {
    fileprivate func append(to json: inout JSONText) {
        json.object {
            $0.member("type", "document")
            $0.member("name", name)
            $0.member("text", text)
        }
    }
}

extension ManifestTable {
    fileprivate func append(to json: inout JSONText) {
        json.object {
            $0.member("type", "table")
            $0.member("table", path)
            if let schema { $0.member("schema", schema) }
        }
    }
}

extension ManifestGroup {
    fileprivate func append(to json: inout JSONText) {
        json.object { json in
            json.member("type", isSSTable ? "sstable" : "file")
            json.member("table", table)
            json.member("name", name)
            json.member("dir", Int64(directory))
            if let damage { json.member("damage", damage) }
            json.array("files", files) { json, file in file.append(to: &json) }
        }
    }
}

extension ManifestFile {
    fileprivate func append(to json: inout JSONText) {
        json.object { json in
            json.member("path", path)
            json.member("size", size)
            json.member("mtime", modified)
            json.member("inode", inode)
            if let digest { json.member("sha256", plain: { digest.append(to: &$0) }) }
            json.array("blobs", pieces) { json, piece in
                json.object {
                    $0.member("blob", plain: { piece.blob.append(to: &$0) })
                    $0.member("offset", Int64(piece.offset))
                    $0.member("length", Int64(piece.length))
                    guard let frame = piece.frame else { return }
                    $0.member("stored", Int64(frame.bytes))
                    if let sum = frame.crc32c { $0.member("crc32c", Base16.text(of: sum)) }
                }
            }
        }
    }
}

extension ManifestEnd {
    fileprivate func append(to json: inout JSONText) {
        json.object {
            $0.member("type", "end")
            if documents > 0 { $0.member("documents", Int64(documents)) }
            $0.member("tables", Int64(tables))
            $0.member("groups", Int64(groups))
            $0.member("files", Int64(files))
            $0.member("bytes", bytes)
        }
    }
}

/// The members of a line in whatever order they come.
private struct RawLine {
    private var type: String?
    private var table: String?
    private var name: String?
    private var text: String?
    private var schema: String?
    private var damage: String?
    private var directory: Int64 = 0
    private var files: [ManifestFile] = []
    /// The name that was read last: files that lie in one blob stand side by side.
    private var blob: (text: String, name: BlobName)?
    private var counts: [String: Int64] = [:]

    mutating func read(_ key: String, _ scanner: inout JSONScanner) throws(JSONError) {
        switch key {
        case "type": type = try scanner.string()
        case "table": table = try scanner.string()
        case "name": name = try scanner.string()
        case "text": text = try scanner.string()
        case "schema": schema = try scanner.string()
        case "damage": damage = try scanner.string()
        case "dir": directory = try scanner.integer()
        case "documents", "tables", "groups", "bytes": counts[key] = try scanner.integer()
        case "files":
            if scanner.isAtArray {
                try scanner.array { (scanner) throws(JSONError) in files.append(try file(&scanner)) }
            } else {
                counts[key] = try scanner.integer()
            }
        default: try scanner.skip()
        }
    }

    func checked() throws(JSONError) -> ManifestLine {
        func required<Value>(_ value: Value?, _ name: String) throws(JSONError) -> Value {
            guard let value else { throw JSONError("a line lacks \"\(name)\"") }
            return value
        }
        switch type {
        case "document":
            return .document(ManifestDocument(name: try required(name, "name"), text: try required(text, "text")))
        case "table":
            return .table(ManifestTable(path: try required(table, "table"), schema: schema))
        case "sstable", "file":
            guard let directory = Int(exactly: directory), directory >= 0 else {
                throw JSONError("\"dir\" is negative")
            }
            return .group(
                ManifestGroup(
                    table: try required(table, "table"),
                    name: try required(name, "name"),
                    isSSTable: type == "sstable",
                    directory: directory,
                    files: files,
                    damage: damage
                )
            )
        case "end":
            var end = ManifestEnd()
            end.documents = Int(counts["documents"] ?? 0)
            end.tables = Int(try required(counts["tables"], "tables"))
            end.groups = Int(try required(counts["groups"], "groups"))
            end.files = Int(try required(counts["files"], "files"))
            end.bytes = try required(counts["bytes"], "bytes")
            return .end(end)
        default:
            throw JSONError("a line of the unknown type \((type ?? "").debugDescription)")
        }
    }

    private mutating func file(_ scanner: inout JSONScanner) throws(JSONError) -> ManifestFile {
        var (path, size, modified, inode): (String?, Int64?, Int64, UInt64) = (nil, nil, 0, 0)
        var digest: SHA256Digest?
        var pieces: [BlobReference] = []
        try scanner.object { (key, scanner) throws(JSONError) in
            switch key {
            case "path": path = try scanner.string()
            case "size": size = try scanner.integer()
            case "mtime": modified = try scanner.integer()
            case "inode": inode = try scanner.unsigned()
            case "sha256":
                digest = SHA256Digest(hex: try scanner.string())
                if digest == nil { throw JSONError("\"sha256\" is not 64 hex digits") }
            case "blobs":
                try scanner.array { (scanner) throws(JSONError) in pieces.append(try piece(&scanner)) }
            default: try scanner.skip()
            }
        }
        guard let path, let size else { throw JSONError("a file lacks \"path\" or \"size\"") }
        return ManifestFile(
            path: path,
            size: size,
            modified: modified,
            inode: inode,
            digest: digest,
            pieces: pieces
        )
    }

    private mutating func piece(_ scanner: inout JSONScanner) throws(JSONError) -> BlobReference {
        var blob: BlobName?
        var (offset, length, stored): (Int64?, Int64?, Int64?)
        var sum: UInt32?
        try scanner.object { (key, scanner) throws(JSONError) in
            switch key {
            case "blob":
                let text = try scanner.string()
                if let last = self.blob, last.text == text {
                    blob = last.name
                } else if let name = BlobName(text) {
                    self.blob = (text, name)
                    blob = name
                } else {
                    throw JSONError("\(text.debugDescription) is not a blob's name")
                }
            case "offset": offset = try scanner.integer()
            case "length": length = try scanner.integer()
            case "stored": stored = try scanner.integer()
            case "crc32c":
                sum = Base16.number(try scanner.string())
                if sum == nil { throw JSONError("\"crc32c\" is not 8 hex digits") }
            default: try scanner.skip()
            }
        }
        guard let blob, let offset = offset.flatMap({ Int(exactly: $0) }),
            let length = length.flatMap({ Int(exactly: $0) })
        else { throw JSONError("a blob lacks its name, \"offset\" or \"length\"") }
        guard let stored else {
            if sum != nil { throw JSONError("a blob has \"crc32c\" without \"stored\"") }
            return BlobReference(blob: blob, offset: offset, length: length)
        }
        guard let stored = Int(exactly: stored) else { throw JSONError("\"stored\" is out of range") }
        return BlobReference(
            blob: blob,
            offset: offset,
            length: length,
            frame: StoredFrame(bytes: stored, crc32c: sum)
        )
    }
}
