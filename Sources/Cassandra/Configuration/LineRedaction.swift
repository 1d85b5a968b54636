/// One line of a configuration file without what looks like a secret's value.
struct LineRedaction {
    let text: String

    /// - Parameter comment: what a comment begins with.
    init(_ line: String, comment: Character) {
        let commentStart = Self.commentStart(line, comment)
        var text = line
        if let cut = Self.valueStart(in: line, from: commentStart) {
            let kept = line[..<cut]
            let rest = line[cut...]
            text = rest.allSatisfy(\.isWhitespace) ? line : kept + Redaction.mark
        }
        self.text = Self.withoutUserInformation(text)
    }

    /// Where a value begins that must not be seen; nil where there is none.
    ///
    /// Words are names as they stand in YAML, JSON, properties and arguments of Java. What follows a secret's name after
    /// a colon or an equals sign goes, to the end of the line; in a comment also what follows it after a blank.
    private static func valueStart(in line: String, from comment: String.Index?) -> String.Index? {
        var index = line.startIndex
        while index < line.endIndex {
            guard isOfName(line[index]) else {
                index = line.index(after: index)
                continue
            }
            let end = line[index...].firstIndex { !isOfName($0) } ?? line.endIndex
            let name = line[index..<end]
            let following = line[end...].drop { $0 == " " || $0 == "\t" || $0 == "\"" || $0 == "'" }
            if SecretName.isSecret(name), let sign = following.first, sign == ":" || sign == "=" {
                let value = following.dropFirst().drop { $0 == " " || $0 == "\t" }
                if !value.hasPrefix(Redaction.mark) { return value.startIndex }
                index = line.index(value.startIndex, offsetBy: Redaction.mark.count)
            } else if let comment, index >= comment, SecretName.isAlarming(name) {
                return end
            } else {
                index = end
            }
        }
        return nil
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-" || character == "."
    }

    /// `#` at the line's start or after a blank.
    private static func commentStart(_ line: String, _ comment: Character) -> String.Index? {
        var last: Character = " "
        for index in line.indices {
            if line[index] == comment, last.isWhitespace { return index }
            last = line[index]
        }
        return nil
    }

    /// `https://user:password@host` without the user and the password.
    private static func withoutUserInformation(_ line: String) -> String {
        var result = ""
        var rest = line[...]
        while let scheme = rest.firstRange(of: "://") {
            result += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let authority = rest.prefix { !$0.isWhitespace && !"/?#\"'".contains($0) }
            guard let at = authority.lastIndex(of: "@") else { continue }
            result += Redaction.mark
            rest = rest[at...]
        }
        return result + rest
    }
}
