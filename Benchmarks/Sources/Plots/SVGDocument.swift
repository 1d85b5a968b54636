/// An SVG image as text, put together element by element.
///
/// Whatever is text or an attribute's value is escaped, so names of programs and functions may hold any character. The image
/// paints its own background, and its colours change with `prefers-color-scheme`: it can be read on any page, also in
/// a viewer that knows no media queries.
struct SVGDocument {
    typealias Attributes = KeyValuePairs<String, String>

    let width: Double
    let height: Double
    private var body: [String] = []
    private let head: [String]

    /// - Parameters:
    ///   - title: what a screen reader says first.
    ///   - description: what the image shows, for who cannot see it: its figures, in words.
    ///   - style: CSS beside the common one.
    init(width: Double, height: Double, title: String, description: String, style: String = "") {
        self.width = width
        self.height = height
        let size = "width=\"\(Number.coordinate(width))\" height=\"\(Number.coordinate(height))\""
        let box = "viewBox=\"0 0 \(Number.coordinate(width)) \(Number.coordinate(height))\""
        head = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) role=\"img\" aria-labelledby=\"title desc\">",
            "<title id=\"title\">\(Self.escaped(title))</title>",
            "<desc id=\"desc\">\(Self.escaped(description))</desc>",
            "<style>\n\(Palette.style)\n\(style)</style>",
            "<rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"6\"/>",
        ]
    }

    /// The whole image.
    var text: String { (head + body + ["</svg>", ""]).joined(separator: "\n") }

    mutating func add(_ name: String, _ attributes: Attributes) {
        body.append("<\(name)\(Self.written(attributes))/>")
    }

    /// - Parameter tooltip: what a browser shows while the pointer rests on it.
    mutating func add(_ name: String, _ attributes: Attributes, tooltip: String) {
        body.append("<\(name)\(Self.written(attributes))><title>\(Self.escaped(tooltip))</title></\(name)>")
    }

    mutating func text(_ text: String, x: Double, y: Double, class name: String, anchor: String = "start") {
        let place = "x=\"\(Number.coordinate(x))\" y=\"\(Number.coordinate(y))\""
        let end = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
        body.append("<text class=\"\(name)\" \(place)\(end)>\(Self.escaped(text))</text>")
    }

    mutating func line(from: (x: Double, y: Double), to: (x: Double, y: Double), class name: String) {
        add(
            "line",
            [
                "class": name, "x1": Number.coordinate(from.x), "y1": Number.coordinate(from.y),
                "x2": Number.coordinate(to.x), "y2": Number.coordinate(to.y),
            ]
        )
    }

    /// The text as XML has it, without characters that XML 1.0 forbids.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// About how wide a text is, in a sans-serif font: no font can be asked here.
    static func width(of text: String, size: Double) -> Double {
        text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar {
            case "i", "l", "j", "I", ".", ",", ":", ";", "|", "'", " ", "f", "t", "r", "(", ")": sum + 0.36 * size
            case "m", "w", "M", "W", "@", "%": sum + 0.92 * size
            case "A"..."Z", "+", "=", "×", "·": sum + 0.72 * size
            default: sum + 0.61 * size
            }
        }
    }

    private static func written(_ attributes: Attributes) -> String {
        attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    }
}
