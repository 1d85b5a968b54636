internal import Glibc

/// Measured points with lines between them, their ranges as whiskers, and lines that were fitted to them.
package struct LineChart: Sendable {
    package struct Point: Sendable {
        let x: Double
        let y: Double
        let range: ClosedRange<Double>?

        package init(x: Double, y: Double, range: ClosedRange<Double>? = nil) {
            self.x = x
            self.y = y
            self.range = range
        }
    }

    /// One line, with a colour and a marker of its own; after six they come again.
    package struct Series: Sendable {
        let name: String
        let points: [Point]
        let fit: Fit?

        /// - Parameter fit: is drawn as a dashed line; by default the one of the points, if there are enough.
        package init(_ name: String, _ points: [Point], fit: Fit?) {
            self.name = name
            self.points = points.sorted { $0.x < $1.x }
            self.fit = fit
        }

        package init(_ name: String, _ points: [Point]) {
            self.init(name, points, fit: Fit(points.map { ($0.x, $0.y) }))
        }
    }

    let title: String
    let subtitle: String
    let x: (title: String, scale: Scale)
    let y: (title: String, scale: Scale)
    let series: [Series]

    package init(
        title: String,
        subtitle: String,
        x: (title: String, scale: Scale),
        y: (title: String, scale: Scale),
        series: [Series]
    ) {
        self.title = title
        self.subtitle = subtitle
        self.x = x
        self.y = y
        self.series = series
    }

    private static let width = 860.0
    private static let left = 76.0
    private static let right = 836.0
    private static let plotHeight = 320.0
    private static let legendRow = 20.0

    /// The image; with no point it says so.
    package var svg: String {
        let points = series.flatMap(\.points)
        let across = Axis(x.scale, values: points.map(\.x), steps: 8)
        let upwards = Axis(
            y.scale,
            values: points.flatMap { [$0.y] + ($0.range.map { [$0.lowerBound, $0.upperBound] } ?? []) }
        )
        let top = 66 + Double(series.count) * Self.legendRow + 24
        let bottom = top + Self.plotHeight
        var document = SVGDocument(width: Self.width, height: bottom + 56, title: title, description: description)
        document.text(title, x: 16, y: 28, class: "title")
        document.text(subtitle, x: 16, y: 48, class: "muted")
        let frame = Frame(
            across: across,
            upwards: upwards,
            left: Self.left,
            right: Self.right,
            top: top,
            bottom: bottom
        )
        drawAxes(frame, on: &document)
        for (index, series) in series.enumerated() {
            drawLegend(series, index, y: 66 + Double(index) * Self.legendRow, on: &document)
            draw(series, index, frame, on: &document)
        }
        if points.isEmpty { document.text("nothing was measured", x: Self.left + 12, y: top + 24, class: "muted") }
        return document.text
    }

    private func drawAxes(_ frame: Frame, on document: inout SVGDocument) {
        for tick in frame.upwards.ticks {
            let y = frame.y(tick)
            document.line(from: (frame.left, y), to: (frame.right, y), class: "grid")
            document.text(Number.tick(tick), x: frame.left - 8, y: y + 4, class: "muted", anchor: "end")
        }
        for tick in frame.across.ticks {
            let x = frame.x(tick)
            document.line(from: (x, frame.bottom), to: (x, frame.bottom + 5), class: "axis")
            document.text(Number.tick(tick), x: x, y: frame.bottom + 19, class: "muted", anchor: "middle")
        }
        document.line(from: (frame.left, frame.bottom), to: (frame.right, frame.bottom), class: "axis")
        document.line(from: (frame.left, frame.top), to: (frame.left, frame.bottom), class: "axis")
        let middle = (frame.left + frame.right) / 2
        document.text(name(x), x: middle, y: frame.bottom + 42, class: "muted", anchor: "middle")
        document.text(name(y), x: 16, y: frame.top - 16, class: "muted")
    }

    private func name(_ axis: (title: String, scale: Scale)) -> String {
        axis.scale == .logarithmic ? axis.title + ", logarithmic" : axis.title
    }

    private func drawLegend(_ series: Series, _ index: Int, y: Double, on document: inout SVGDocument) {
        let colour = index % Palette.series
        document.line(from: (16, y), to: (44, y), class: "line stroke\(colour)")
        Marker(index).draw(x: 30, y: y, colour: colour, tooltip: series.name, on: &document)
        document.text(series.name, x: 52, y: y + 4, class: "group")
        guard let fit = series.fit else { return }
        let start = 52 + SVGDocument.width(of: series.name, size: 13) + 12
        document.line(from: (start, y), to: (start + 24, y), class: "fit stroke\(colour)")
        document.text(fit.text, x: start + 32, y: y + 4, class: "muted")
    }

    private func draw(_ series: Series, _ index: Int, _ frame: Frame, on document: inout SVGDocument) {
        let colour = index % Palette.series
        if let fit = series.fit, let first = series.points.first, let last = series.points.last {
            let places = frame.across.samples(from: first.x, through: last.x).map {
                (frame.x($0), frame.y(fit.value(at: $0)))
            }
            document.add("polyline", ["class": "fit stroke\(colour)", "points": Self.written(places)])
        }
        let places = series.points.map { (frame.x($0.x), frame.y($0.y)) }
        document.add("polyline", ["class": "line stroke\(colour)", "points": Self.written(places)])
        for point in series.points {
            let x = frame.x(point.x)
            if let range = point.range, range.lowerBound < range.upperBound {
                let (low, high) = (frame.y(range.lowerBound), frame.y(range.upperBound))
                document.line(from: (x, low), to: (x, high), class: "whisker")
                for y in [low, high] { document.line(from: (x - 4, y), to: (x + 4, y), class: "whisker") }
            }
            Marker(index).draw(
                x: x,
                y: frame.y(point.y),
                colour: colour,
                tooltip: "\(series.name): \(Self.text(point)) \(y.title)",
                on: &document
            )
        }
    }

    private static func written(_ places: [(Double, Double)]) -> String {
        places.map { "\(Number.coordinate($0.0)),\(Number.coordinate($0.1))" }.joined(separator: " ")
    }

    private static func text(_ point: Point) -> String {
        let range = point.range.map { " [\(Number.text($0.lowerBound)), \(Number.text($0.upperBound))]" } ?? ""
        return "at \(Number.tick(point.x)) \(Number.text(point.y))\(range)"
    }

    private var description: String {
        "\(y.title) by \(x.title). "
            + series.map { series in
                let fit = series.fit.map { " (\($0.text))" } ?? ""
                return "\(series.name)\(fit): " + series.points.map(Self.text).joined(separator: "; ") + "."
            }.joined(separator: " ")
    }

    /// Where values lie in the image.
    private struct Frame {
        let across: Axis
        let upwards: Axis
        let left: Double
        let right: Double
        let top: Double
        let bottom: Double

        func x(_ value: Double) -> Double { left + across.position(value) * (right - left) }
        func y(_ value: Double) -> Double { bottom - max(0, min(1, upwards.position(value))) * (bottom - top) }
    }
}

extension Axis {
    /// Values from one to another, near enough to each other to draw a curve through.
    fileprivate func samples(from first: Double, through last: Double) -> [Double] {
        guard scale == .logarithmic, first > 0 else { return [first, last] }
        return (0...32).map { first * pow(last / first, Double($0) / 32) }
    }
}
