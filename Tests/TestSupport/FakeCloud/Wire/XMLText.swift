/// XML as the services write it, and the little that they must read.
enum XMLText {
    /// Escaped for an element's content; control characters become references, which XML 1.0 does not allow.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _ where scalar.value < 0x20 && scalar != "\t" && scalar != "\n":
                escaped += "&#x\(String(scalar.value, radix: 16));"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    static func element(_ name: String, _ text: String) -> String { "<\(name)>\(escape(text))</\(name)>" }
}

/// An element of a document without attributes that matter, comments or a document type.
struct XMLElement {
    let name: String
    var text = ""
    var children: [XMLElement] = []

    func texts(of name: String) -> [String] { children.filter { $0.name == name }.map(\.text) }

    /// Nil if it is not well-formed, or more than this reads.
    ///
    /// By bytes, since Swift's characters may join a tag's end with what follows it.
    static func parse(_ bytes: [UInt8]) -> XMLElement? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var rest = bytes[...].dropSpace()
        if rest.starts(with: "<?xml".utf8) {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
            rest = rest[(end + 1)...].dropSpace()
        }
        guard let root = element(&rest) else { return nil }
        return rest.dropSpace().isEmpty ? root : nil
    }

    private static func element(_ rest: inout ArraySlice<UInt8>) -> XMLElement? {
        guard rest.first == UInt8(ascii: "<"), let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
        let tag = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
        rest = rest[(end + 1)...]
        let name = String(tag.prefix { $0 != " " && $0 != "/" })
        guard let first = name.first, first.isLetter else { return nil }
        var element = XMLElement(name: name)
        if tag.hasSuffix("/") { return element }
        while !rest.starts(with: "</".utf8) {
            if rest.first == UInt8(ascii: "<") {
                guard let child = Self.element(&rest) else { return nil }
                element.children.append(child)
            } else {
                let piece = rest.prefix { $0 != UInt8(ascii: "<") }
                guard !piece.isEmpty, let text = unescape(piece) else { return nil }
                element.text += text
                rest = rest[piece.endIndex...]
            }
        }
        let close = Array("</\(name)>".utf8)
        guard rest.starts(with: close) else { return nil }
        rest = rest.dropFirst(close.count)
        return element
    }

    private static func unescape(_ text: ArraySlice<UInt8>) -> String? {
        var plain: [UInt8] = []
        var rest = text
        while let mark = rest.firstIndex(of: UInt8(ascii: "&")) {
            plain += rest[..<mark]
            guard let end = rest[mark...].firstIndex(of: UInt8(ascii: ";")) else { return nil }
            let name = String(decoding: rest[(mark + 1)..<end], as: UTF8.self)
            guard let scalar = named[name] ?? numbered(name) else { return nil }
            plain += Array(String(scalar).utf8)
            rest = rest[(end + 1)...]
        }
        return String(decoding: plain + rest, as: UTF8.self)
    }

    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
    ]

    private static func numbered(_ name: String) -> Unicode.Scalar? {
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let number, number >= 0x20 || [0x9, 0xA, 0xD].contains(number) else { return nil }
        return Unicode.Scalar(number)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func dropSpace() -> ArraySlice<UInt8> { drop { [0x20, 0x9, 0xA, 0xD].contains($0) } }
}
