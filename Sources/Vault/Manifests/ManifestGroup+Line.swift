// Tables and groups as the lines they are in a manifest, for what keeps lines before there is a manifest: a backup's
// journal.

extension ManifestTable {
    /// Without a newline.
    package var line: [UInt8] {
        var json = JSONText()
        ManifestLine.table(self).append(to: &json)
        var line = json.take()
        line.removeLast()
        return line
    }

    /// - Parameter line: what `line` gave; its rules are checked again when it is written into a manifest.
    /// - Returns: nil for anything else.
    package init?(line: Span<UInt8>) {
        guard case .table(let table)? = try? ManifestLine(json: line) else { return nil }
        self = table
    }
}

extension ManifestGroup {
    /// Without a newline.
    package var line: [UInt8] {
        var line: [UInt8] = []
        append(lineTo: &line)
        return line
    }

    /// Appends `line`.
    package func append(lineTo bytes: inout [UInt8]) {
        var taken: [UInt8] = []
        swap(&taken, &bytes)  // two owners would mean a copy
        var json = JSONText(behind: taken)
        taken = []
        ManifestLine.group(self).append(to: &json)
        bytes = json.take()
        bytes.removeLast()
    }

    /// - Parameter line: what `line` gave; its rules are checked again when it is written into a manifest.
    /// - Returns: nil for anything else.
    package init?(line: Span<UInt8>) {
        guard case .group(let group)? = try? ManifestLine(json: line) else { return nil }
        self = group
    }
}
