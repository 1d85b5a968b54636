internal import CExpat

/// A small XML document as a tree: what S3 and Azure list and complain in.
///
/// Read by expat, which bounds the growth of entities by itself. Namespaces and comments are left out: no answer of a store
/// means anything by them.
package struct XMLElement: Sendable {
    /// Without a namespace prefix.
    package let name: String
    package let attributes: [String: String]
    package fileprivate(set) var children: [XMLElement] = []
    /// The character data directly in it; of an element with children only what stands between them.
    package fileprivate(set) var text = ""

    /// Deeper nesting is no answer of a store.
    private static let maxDepth = 32

    /// - Throws: `XMLError` if `bytes` are no well-formed document.
    package static func parse(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        guard !bytes.isEmpty else { throw XMLError("the document is empty") }
        guard let parser = unsafe XML_ParserCreate(nil) else { preconditionFailure("out of memory: XML_ParserCreate") }
        defer { unsafe XML_ParserFree(parser) }
        let tree = Tree()
        // The tree outlives the parser: it is used below.
        unsafe XML_SetUserData(parser, Unmanaged.passUnretained(tree).toOpaque())
        unsafe XML_SetElementHandler(
            parser,
            { context, name, pairs in
                guard let name = unsafe name else { return }
                var attributes: [String: String] = [:]
                var next = unsafe pairs
                while let key = unsafe next?.pointee, let value = unsafe next?.successor().pointee {
                    unsafe attributes[String(cString: key)] = String(cString: value)
                    unsafe next = next?.advanced(by: 2)
                }
                unsafe Tree.from(context).open(String(cString: name), attributes)
            },
            { context, _ in unsafe Tree.from(context).close() }
        )
        unsafe XML_SetCharacterDataHandler(parser) { context, text, count in
            let bytes = unsafe UnsafeRawBufferPointer(start: text, count: Int(count))
            unsafe Tree.from(context).add(String(decoding: bytes, as: UTF8.self))
        }
        let status = unsafe bytes.withUnsafeBytes { buffer in
            unsafe XML_Parse(
                parser,
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(clamping: buffer.count),
                1
            )
        }
        guard status == XML_STATUS_OK else {
            let words = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) }
            let line = unsafe XML_GetCurrentLineNumber(parser)
            throw XMLError("line \(line): \(words ?? "not well-formed")")
        }
        guard !tree.isTooDeep, let root = tree.root else { throw XMLError("it is nested too deep") }
        return root
    }

    /// The first child of this name.
    package subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of the first child of this name; nil if there is none.
    package func text(_ name: String) -> String? { self[name]?.text }

    package func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// What is being built while expat reads.
    private final class Tree {
        private var open: [XMLElement] = []
        private(set) var root: XMLElement?
        private(set) var isTooDeep = false
        private var skipped = 0

        static func from(_ context: UnsafeMutableRawPointer?) -> Tree {
            // Our own pointer, set above.
            // swift-format-ignore: NeverForceUnwrap
            unsafe Unmanaged<Tree>.fromOpaque(context!).takeUnretainedValue()
        }

        func open(_ name: String, _ attributes: [String: String]) {
            guard open.count < maxDepth else {
                isTooDeep = true
                skipped += 1
                return
            }
            let local = name.utf8.lastIndex(of: UInt8(ascii: ":")).map { name[name.utf8.index(after: $0)...] }
            open.append(XMLElement(name: local.map(String.init) ?? name, attributes: attributes))
        }

        func add(_ text: String) {
            guard skipped == 0, !open.isEmpty else { return }
            open[open.count - 1].text += text
        }

        func close() {
            if skipped > 0 {
                skipped -= 1
                return
            }
            guard let element = open.popLast() else { return }
            if open.isEmpty {
                root = element
            } else {
                open[open.count - 1].children.append(element)
            }
        }
    }
}

/// Bytes are no XML document.
package struct XMLError: Error, CustomStringConvertible {
    package let description: String

    init(_ reason: String) {
        description = "not an XML document: \(reason)"
    }
}
