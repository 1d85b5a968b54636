/// The shape at a measured point, another for each series.
struct Marker {
    private let index: Int

    init(_ index: Int) { self.index = index }

    func draw(x: Double, y: Double, colour: Int, tooltip: String, on document: inout SVGDocument) {
        let name = "fill\(colour)"
        func polygon(_ corners: [(Double, Double)]) -> SVGDocument.Attributes {
            let points = corners.map { "\(Number.coordinate(x + $0.0)),\(Number.coordinate(y + $0.1))" }
            return ["class": name, "points": points.joined(separator: " ")]
        }
        switch index % 4 {
        case 0:
            document.add(
                "circle",
                ["class": name, "cx": Number.coordinate(x), "cy": Number.coordinate(y), "r": "4.5"],
                tooltip: tooltip
            )
        case 1: document.add("polygon", polygon([(-4, -4), (4, -4), (4, 4), (-4, 4)]), tooltip: tooltip)
        case 2: document.add("polygon", polygon([(0, -5.5), (5, 4), (-5, 4)]), tooltip: tooltip)
        default: document.add("polygon", polygon([(0, -6), (5, 0), (0, 6), (-5, 0)]), tooltip: tooltip)
        }
    }
}
