internal import TransferEngine

/// What must hold of a manifest's lines before anything is done with them: a manifest may come from a hostile store.
///
/// Every path stays below the table's directory, every size is the sum of its pieces, and the lines ascend, so that
/// two manifests can be joined and no file is written twice.
struct ManifestRules {
    /// Directory levels below a table's directory that a file may lie in, itself included.
    private static let maxDepth = 4

    private let chunkSize: Int
    private let directoryCount: Int
    private var last: ManifestPosition?
    private var table: String?
    /// Names of documents, as bytes, and how many bytes their texts have.
    private var documents: Set<[UInt8]> = []
    private var documentBytes = 0

    init(chunkSize: Int, directoryCount: Int) {
        self.chunkSize = chunkSize
        self.directoryCount = directoryCount
    }

    /// - Returns: what is wrong with `line`, or nil.
    mutating func problem(with line: ManifestLine) -> String? {
        switch line {
        case .document(let document): return problem(with: document)
        case .table(let found):
            guard Self.isSafePath(found.path, depth: 2...2) else { return "\(found.path.debugDescription) is no table" }
            if let table, !table.precedesBytewise(found.path) {
                return "table \(found.path) is out of order"
            }
            table = found.path
            return nil
        case .group(let group):
            guard let table, group.table.hasBytes(of: table) else {
                return "\(group.name.debugDescription) stands outside its table"
            }
            let position = group.position
            if let last, !(last < position) { return "\(group.table)/\(group.name) is out of order" }
            last = position
            guard (0..<directoryCount).contains(group.directory) else {
                return "\(group.name) is of an unknown data directory"
            }
            for file in group.files {
                if let problem = problem(with: file) { return "\(file.path.debugDescription): \(problem)" }
            }
            guard Self.areDistinct(group.files) else {
                return "\(group.name.debugDescription) has a file twice"
            }
            return nil
        case .end: return nil
        }
    }

    private mutating func problem(with document: ManifestDocument) -> String? {
        let name = document.name.debugDescription
        guard table == nil else { return "document \(name) stands behind a table" }
        guard Self.isSafePath(document.name, depth: 1...1) else { return "\(name) is no document's name" }
        guard documents.insert(Array(document.name.utf8)).inserted else { return "document \(name) stands there twice" }
        documentBytes += document.text.utf8.count
        guard documents.count <= ManifestDocument.mostDocuments, documentBytes <= ManifestDocument.mostBytes else {
            return
                "documents up to \(name) are \(documents.count) with \(documentBytes) bytes, more than a manifest has"
        }
        return nil
    }

    private func problem(with file: ManifestFile) -> String? {
        guard Self.isSafePath(file.path, depth: 1...Self.maxDepth) else { return "the path could leave its table" }
        guard file.size >= 0 else { return "a negative size" }
        var size: Int64 = 0
        for piece in file.pieces {
            guard piece.offset >= 0, piece.length > 0, piece.offset <= chunkSize - piece.length else {
                return "a piece lies outside its blob"
            }
            if let stored = piece.frame?.bytes, !(1...StoredFrame.mostBytes(chunkSize: chunkSize)).contains(stored) {
                return "a blob is stored in \(stored) bytes, which none can have"
            }
            size += Int64(piece.length)
        }
        guard size == file.size else { return "its pieces are \(size) bytes, its size is \(file.size)" }
        guard file.pieces.count != 1 || file.digest != nil else { return "no hash" }
        guard file.pieces.count < 2 || file.pieces.allSatisfy({ $0.offset == 0 }) else {
            return "a piece of a large file is not a blob of its own"
        }
        return nil
    }

    /// By bytes; strings that are equal to Swift can be two names to a file system.
    private static func areDistinct(_ files: [ManifestFile]) -> Bool {
        // As a backup writes them.
        if files.indices.dropFirst().allSatisfy({ files[$0 - 1].path.precedesBytewise(files[$0].path) }) { return true }
        let paths = files.map(\.path)
        return Set(paths).count == paths.count || Set(paths.map { Array($0.utf8) }).count == paths.count
    }

    /// Whether `path` is segments that are names: not empty, `.` or `..`, without NUL, at most 255 bytes.
    static func isSafePath(_ path: String, depth: ClosedRange<Int>) -> Bool {
        // By bytes, as the file system parts it: a slash before a combining mark is another Character than a slash.
        var path = path
        return path.withUTF8 { buffer -> Bool in
            let bytes = unsafe buffer.span
            var (segments, start) = (0, 0)
            while true {
                var (end, areDots) = (start, true)
                while end < bytes.count, bytes[end] != 0x2F {
                    if bytes[end] == 0 { return false }
                    if bytes[end] != 0x2E { areDots = false }
                    end += 1
                }
                let count = end - start
                guard count > 0, count <= 255, !areDots || count > 2 else { return false }
                segments += 1
                if end == bytes.count { return depth.contains(segments) }
                start = end + 1
            }
        }
    }
}
