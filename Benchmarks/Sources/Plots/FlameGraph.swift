/// A flame graph of call stacks: a frame is as wide as its cost, and stands on its caller.
///
/// A static image: what a frame is and costs is its tooltip. Neighbours that would be too narrow to see are drawn as
/// one.
package struct FlameGraph: Sendable {
    /// A colour with what it means.
    package struct Kind: Sendable, Hashable {
        let name: String
        let colour: Int

        /// - Parameter colour: 0 to 9; others begin anew.
        package init(_ name: String, colour: Int) {
            self.name = name
            self.colour = colour
        }
    }

    let title: String
    let subtitle: String
    let unit: String
    let stacks: FoldedStacks
    let legend: [(kind: Kind, cost: Int)]
    let kind: @Sendable (_ frame: String) -> Kind

    /// - Parameters:
    ///   - unit: of costs: `samples`, `instructions`.
    ///   - legend: what is written above it, the dearest first; those below 0.3 % are left out.
    ///   - kind: what a function belongs to, which gives it its colour.
    package init(
        title: String,
        subtitle: String,
        unit: String,
        stacks: FoldedStacks,
        legend: [(kind: Kind, cost: Int)],
        kind: @escaping @Sendable (_ frame: String) -> Kind
    ) {
        self.title = title
        self.subtitle = subtitle
        self.unit = unit
        self.stacks = stacks
        self.legend = legend
        self.kind = kind
    }

    private static let width = 1200.0
    private static let margin = 12.0
    private static let rowHeight = 17.0
    /// Narrower frames are drawn together, in pixels.
    private static let least = 1.5
    /// Of the legend.
    private static let columns = 5
    /// Pixels of a character: the font's width is fixed.
    private static let character = 6.65

    /// Dark enough to see on white, light enough for black letters, which they have on dark pages too.
    private static let colours = [
        "#9ecbff", "#ffc680", "#9be9a8", "#d2b8ff", "#ffb3b0", "#f2d675", "#a5e3e0", "#f7b5dc", "#c8d1da", "#d9c3a5",
    ]

    private static let style =
        """
        .frame { font-family: ui-monospace, SFMono-Regular, "DejaVu Sans Mono", monospace; font-size: 11px; fill: #1b1f24 }
        rect.box { stroke: #57606a; stroke-width: 0.4 }

        """ + colours.enumerated().map { ".k\($0) { fill: \($1) }\n" }.joined()

    /// The image; with no stack it says so.
    package var svg: String {
        let root = Node.tree(stacks)
        let scale = root.cost > 0 ? (Self.width - 2 * Self.margin) / Double(root.cost) : 0
        var frames: [Frame] = []
        layOut(root, from: 0, level: 0, scale: scale, into: &frames)
        let levels = (frames.map(\.level).max() ?? 0) + 1
        let kinds = legend.filter { $0.cost * 1000 >= root.cost * 3 }
        let top = 64 + Double((kinds.count + Self.columns - 1) / Self.columns) * 18 + 8
        let height = top + Double(levels) * Self.rowHeight + 16
        var document = SVGDocument(
            width: Self.width,
            height: height,
            title: title,
            description: description(kinds, root.cost),
            style: Self.style
        )
        document.text(title, x: Self.margin, y: 28, class: "title")
        document.text(subtitle, x: Self.margin, y: 48, class: "muted")
        for (index, entry) in kinds.enumerated() {
            let x = Self.margin + Double(index % Self.columns) * 236
            let y = 58 + Double(index / Self.columns) * 18
            document.add(
                "rect",
                [
                    "class": "box k\(entry.kind.colour % Self.colours.count)", "x": Number.coordinate(x),
                    "y": Number.coordinate(y), "width": "12", "height": "12",
                ]
            )
            document.text("\(entry.kind.name) \(share(entry.cost, root.cost))", x: x + 18, y: y + 10, class: "muted")
        }
        for frame in frames { draw(frame, total: root.cost, bottom: height - 12, on: &document) }
        if frames.isEmpty { document.text("there are no stacks", x: Self.margin, y: top, class: "muted") }
        return document.text
    }

    private func draw(_ frame: Frame, total: Int, bottom: Double, on document: inout SVGDocument) {
        let y = bottom - Double(frame.level + 1) * Self.rowHeight
        document.add(
            "rect",
            [
                "class": "box k\(frame.kind.colour % Self.colours.count)",
                "x": Number.coordinate(Self.margin + frame.x), "y": Number.coordinate(y),
                "width": Number.coordinate(frame.width), "height": Number.coordinate(Self.rowHeight - 1), "rx": "1",
            ],
            tooltip:
                "\(frame.name): \(Number.decimal(Double(frame.cost), places: 0)) \(unit), \(share(frame.cost, total))"
        )
        let room = Int((frame.width - 6) / Self.character)
        guard room >= 3 else { return }
        let text = frame.name.count <= room ? frame.name : frame.name.prefix(room - 1) + "…"
        document.text(text, x: Self.margin + frame.x + 3, y: y + 12, class: "frame")
    }

    private func layOut(_ node: Node, from x: Double, level: Int, scale: Double, into frames: inout [Frame]) {
        var x = x
        var small: (cost: Int, count: Int, x: Double) = (0, 0, x)
        func drawSmall() {
            let width = Double(small.cost) * scale
            if small.count > 0, width >= Self.least / 3 {
                let name = small.count == 1 ? "one small function" : "\(small.count) small functions"
                frames.append(
                    Frame(
                        name: name,
                        cost: small.cost,
                        kind: Kind("", colour: 8),
                        x: small.x,
                        width: width,
                        level: level
                    )
                )
            }
            small = (0, 0, x)
        }
        // By name, so that two profiles of the same program look alike.
        for (name, child) in node.children.sorted(by: { $0.key < $1.key }) {
            let width = Double(child.cost) * scale
            guard width >= Self.least else {
                if small.count == 0 { small.x = x }
                small.cost += child.cost
                small.count += 1
                x += width
                continue
            }
            drawSmall()
            frames.append(Frame(name: name, cost: child.cost, kind: kind(name), x: x, width: width, level: level))
            layOut(child, from: x, level: level + 1, scale: scale, into: &frames)
            x += width
            small.x = x
        }
        drawSmall()
    }

    private func description(_ kinds: [(kind: Kind, cost: Int)], _ total: Int) -> String {
        "Flame graph of \(Number.decimal(Double(total), places: 0)) \(unit). By themselves cost: "
            + kinds.map { "\($0.kind.name) \(share($0.cost, total))" }.joined(separator: ", ") + "."
    }

    private func share(_ cost: Int, _ total: Int) -> String {
        total > 0 ? Number.decimal(Double(cost) * 100 / Double(total), places: 1) + " %" : "0 %"
    }

    private struct Frame {
        let name: String
        let cost: Int
        let kind: Kind
        let x: Double
        let width: Double
        let level: Int
    }

    /// A function with those that it called.
    private final class Node {
        var cost = 0
        var children: [String: Node] = [:]

        static func tree(_ stacks: FoldedStacks) -> Node {
            let root = Node()
            for (frames, cost) in stacks.costs {
                var node = root
                node.cost += cost
                for frame in frames {
                    let child = node.children[frame] ?? Node()
                    node.children[frame] = child
                    child.cost += cost
                    node = child
                }
            }
            return root
        }
    }
}
