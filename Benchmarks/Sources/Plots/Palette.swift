/// Colours that differ in lightness too, so that who sees no red or no green tells them apart, on white and on near black.
enum Palette {
    /// How many series have a colour and a marker of their own.
    static let series = 6

    private static let light = Colours(
        paper: "#ffffff",
        ink: "#1f2328",
        muted: "#57606a",
        grid: "#d8dee4",
        series: ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#6e7781", "#9a6700"],
        peer: "#8c959f"
    )
    private static let dark = Colours(
        paper: "#0d1117",
        ink: "#e6edf3",
        muted: "#9da7b3",
        grid: "#30363d",
        series: ["#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#8b949e", "#d29922"],
        peer: "#6e7681"
    )

    /// The classes of all images, for light pages and within a media query for dark ones.
    static var style: String {
        """
        text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px }
        .title { font-size: 16px; font-weight: 600 }
        .group { font-weight: 600 }
        .axis { stroke-width: 1 }
        .grid { stroke-width: 1 }
        .whisker { stroke-width: 1.5 }
        .line { fill: none; stroke-width: 2 }
        .fit { fill: none; stroke-width: 1.5; stroke-dasharray: 5 4; opacity: 0.8 }
        .limit { fill-opacity: 0.15; stroke-width: 1.5; stroke-dasharray: 4 3 }
        \(rules(light))
        @media (prefers-color-scheme: dark) {
        \(rules(dark))
        }
        """
    }

    private static func rules(_ colours: Colours) -> String {
        var lines = [
            ".paper { fill: \(colours.paper) }",
            "text { fill: \(colours.ink) }",
            ".muted { fill: \(colours.muted) }",
            ".axis { stroke: \(colours.muted) }",
            ".grid { stroke: \(colours.grid) }",
            ".whisker { stroke: \(colours.ink) }",
            ".ours { fill: \(colours.series[0]) }",
            ".peer { fill: \(colours.peer) }",
            ".limit { fill: \(colours.muted); stroke: \(colours.muted) }",
        ]
        for (index, colour) in colours.series.enumerated() {
            lines.append(".fill\(index) { fill: \(colour) } .stroke\(index) { stroke: \(colour) }")
        }
        return lines.joined(separator: "\n")
    }

    private struct Colours {
        let paper: String
        let ink: String
        let muted: String
        let grid: String
        let series: [String]
        let peer: String
    }
}
