/// Horizontal bars in groups, each with its name, its value and, as a whisker, its range.
///
/// Bars lie, since names of programs with their options are long. Nothing is told by colour alone.
package struct BarChart: Sendable {
    /// What a bar stands for; decides its colour.
    package enum Role: String, Sendable {
        case ours, peer
        /// What the machine forbids to be better than.
        case limit
    }

    package struct Bar: Sendable {
        let name: String
        let value: Double
        let range: ClosedRange<Double>?
        let role: Role

        /// - Parameters:
        ///   - value: in the chart's unit; not less than 0.
        ///   - range: the least and the most of all rounds.
        package init(_ name: String, _ value: Double, range: ClosedRange<Double>? = nil, role: Role = .peer) {
            self.name = name
            self.value = value
            self.range = range
            self.role = role
        }
    }

    package struct Group: Sendable {
        let name: String
        let bars: [Bar]

        package init(_ name: String, _ bars: [Bar]) {
            self.name = name
            self.bars = bars
        }
    }

    let title: String
    let subtitle: String
    let unit: String
    let scale: Scale
    let groups: [Group]

    /// - Parameters:
    ///   - subtitle: what was measured, and whether less is better.
    ///   - unit: `CPU s per 10⁹ bytes`.
    package init(title: String, subtitle: String, unit: String, scale: Scale = .linear, groups: [Group]) {
        self.title = title
        self.subtitle = subtitle
        self.unit = unit
        self.scale = scale
        self.groups = groups
    }

    private static let width = 860.0
    private static let rowHeight = 22.0
    private static let groupGap = 34.0

    /// The image; with no bar it says so.
    package var svg: String {
        let bars = groups.flatMap(\.bars)
        let axis = Axis(
            scale,
            values: bars.flatMap { [$0.value] + ($0.range.map { [$0.lowerBound, $0.upperBound] } ?? []) }
        )
        let left = 24 + min(300, max(80, bars.map { SVGDocument.width(of: $0.name, size: 12) }.max() ?? 80))
        let right = Self.width - 84
        let top = 70.0
        let bottom =
            top + Double(bars.count) * Self.rowHeight + Double(max(0, groups.count)) * Self.groupGap - 8
        var document = SVGDocument(width: Self.width, height: bottom + 52, title: title, description: description)
        document.text(title, x: 16, y: 28, class: "title")
        document.text(subtitle, x: 16, y: 48, class: "muted")
        func place(_ value: Double) -> Double { left + axis.position(value) * (right - left) }

        for tick in axis.ticks {
            document.line(from: (place(tick), top), to: (place(tick), bottom), class: "grid")
            document.text(Number.tick(tick), x: place(tick), y: bottom + 17, class: "muted", anchor: "middle")
        }
        let unit = scale == .logarithmic ? "\(unit), logarithmic" : unit
        document.text(unit, x: (left + right) / 2, y: bottom + 38, class: "muted", anchor: "middle")

        var y = top
        for group in groups {
            document.text(group.name, x: 16, y: y + 20, class: "group")
            y += Self.groupGap - 6
            for bar in group.bars {
                draw(bar, in: group, y: y, from: left, to: place, on: &document)
                y += Self.rowHeight
            }
            y += 6
        }
        if bars.isEmpty { document.text("nothing was measured", x: 16, y: top, class: "muted") }
        document.line(from: (left, top), to: (left, bottom), class: "axis")
        return document.text
    }

    private func draw(
        _ bar: Bar,
        in group: Group,
        y: Double,
        from left: Double,
        to place: (Double) -> Double,
        on document: inout SVGDocument
    ) {
        let height = Self.rowHeight - 6
        let end = place(bar.value)
        document.text(
            bar.name,
            x: left - 8,
            y: y + height - 4,
            class: bar.role == .ours ? "group" : "name",
            anchor: "end"
        )
        document.add(
            "rect",
            [
                "class": bar.role.rawValue, "x": Number.coordinate(left), "y": Number.coordinate(y),
                "width": Number.coordinate(max(1, end - left)), "height": Number.coordinate(height), "rx": "2",
            ],
            tooltip: "\(group.name), \(text(bar))"
        )
        var labelled = end
        if let range = bar.range, range.lowerBound < range.upperBound {
            let (low, high) = (place(range.lowerBound), place(range.upperBound))
            let middle = y + height / 2
            document.line(from: (low, middle), to: (high, middle), class: "whisker")
            for x in [low, high] { document.line(from: (x, middle - 4), to: (x, middle + 4), class: "whisker") }
            labelled = max(labelled, high)
        }
        document.text(Number.text(bar.value), x: labelled + 6, y: y + height - 4, class: "value")
    }

    private var description: String {
        groups.map { group in "\(group.name): " + group.bars.map(text).joined(separator: "; ") + "." }
            .joined(separator: " ")
    }

    private func text(_ bar: Bar) -> String {
        let range = bar.range.map { " [\(Number.text($0.lowerBound)), \(Number.text($0.upperBound))]" } ?? ""
        return "\(bar.name) \(Number.text(bar.value))\(range) \(unit)"
    }
}
