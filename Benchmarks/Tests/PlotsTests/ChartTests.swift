import Plots
import Testing

@Suite struct `Charts` {
    private func bars(_ scale: Scale = .linear, name: String = "restic <0.14> & \"co\"") -> String {
        BarChart(
            title: "Backup & restore",
            subtitle: "less is better",
            unit: "CPU s",
            scale: scale,
            groups: [
                .init(
                    "backup",
                    [
                        .init("ringvault", 2, range: 1.5...2.5, role: .ours), .init(name, 10),
                        .init("at least", 1, role: .limit),
                    ]
                )
            ]
        ).svg
    }

    @Test func `text is escaped wherever it stands`() {
        let svg = bars(name: "a<b> & \"c\" 'd'\u{1}")
        #expect(svg.contains("a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;\u{FFFD}"))
        #expect(!svg.contains("a<b>"))
        #expect(!svg.contains("& "))
        #expect(!svg.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test func `an image says in words what it shows`() {
        let svg = bars()
        #expect(svg.contains("<title id=\"title\">Backup &amp; restore</title>"))
        #expect(svg.contains("ringvault 2.00 [1.50, 2.50] CPU s"))
        #expect(svg.contains("aria-labelledby=\"title desc\""))
    }

    @Test func `an image has colours for light and for dark pages, and a background of its own`() throws {
        let svg = bars()
        let dark = try #require(svg.split(separator: "@media (prefers-color-scheme: dark) {", maxSplits: 1).last)
        for name in [".paper {", "text {", ".grid {", ".ours {", ".peer {", ".fill0 {"] {
            #expect(svg.split(separator: "@media").first?.contains(name) == true, "\(name)")
            #expect(dark.contains(name), "\(name)")
        }
        #expect(svg.contains("class=\"paper\" width=\"100%\""))
    }

    /// Widths of all rectangles of a class.
    private func widths(_ name: String, in svg: String) -> [Double] {
        svg.split(separator: "\n").filter { $0.hasPrefix("<rect class=\"\(name)\"") }.compactMap { line in
            let parts = line.split(separator: " ").first { $0.hasPrefix("width=") }
            return parts.flatMap { Double($0.dropFirst("width=\"".count).prefix { $0 != "\"" }) }
        }
    }

    @Test func `bars are as long as their values`() throws {
        let svg = bars()
        let (ours, peer) = (try #require(widths("ours", in: svg).first), try #require(widths("peer", in: svg).first))
        #expect(abs(peer / ours - 5) < 0.02)
    }

    @Test func `on a logarithmic axis a tenth is one step less`() throws {
        func chart(_ values: [Double]) -> [Double] {
            let bars = values.map { BarChart.Bar("b", $0) }
            let chart = BarChart(title: "", subtitle: "", unit: "", scale: .logarithmic, groups: [.init("g", bars)])
            return widths("peer", in: chart.svg)
        }
        let lengths = chart([0.1, 1, 10, 100, 1000])
        let steps = zip(lengths.dropFirst(), lengths).map { $0 - $1 }
        #expect(steps.allSatisfy { abs($0 - steps[1]) < 1.2 })
        #expect(chart([0, 1]).count == 2)
    }

    @Test func `a chart of nothing says so`() {
        let none = BarChart(title: "t", subtitle: "s", unit: "u", groups: []).svg
        #expect(none.contains("nothing was measured"))
        let lines = LineChart(title: "t", subtitle: "s", x: ("x", .linear), y: ("y", .linear), series: []).svg
        #expect(lines.contains("nothing was measured"))
        for svg in [none, lines] { #expect(!svg.contains("nan") && !svg.contains("inf")) }
    }

    @Test(arguments: [Scale.linear, .logarithmic])
    func `lines have points, ranges, a fit, and no number that is none`(scale: Scale) {
        let points = [1.0, 4, 16].map { LineChart.Point(x: $0, y: $0 * 2, range: ($0 * 1.9)...($0 * 2.2)) }
        let svg = LineChart(
            title: "Scaling",
            subtitle: "",
            x: ("10⁹ bytes", scale),
            y: ("CPU s", scale),
            series: [.init("ringvault", points), .init("restic", points, fit: nil)]
        ).svg
        #expect(svg.split(separator: "\n").filter { $0.hasPrefix("<circle") }.count == 4)
        #expect(svg.contains("linear or better"))
        #expect(svg.split(separator: "\n").filter { $0.hasPrefix("<polyline class=\"fit") }.count == 1)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func `values that are alike, or none, still have an axis`() {
        for values in [[5.0, 5, 5], [0, 0, 0], [1e-7, 2e-7, 3e-7], [1e12, 2e12, 3e12]] {
            for scale in [Scale.linear, .logarithmic] {
                let points = values.enumerated().map { LineChart.Point(x: Double($0.offset + 1), y: $0.element) }
                let svg = LineChart(
                    title: "",
                    subtitle: "",
                    x: ("x", scale),
                    y: ("y", scale),
                    series: [.init("s", points, fit: nil)]
                ).svg
                #expect(!svg.contains("nan") && !svg.contains("inf"))
            }
        }
    }

    @Test(arguments: [
        (0.01234, "0.0123"), (1.2345, "1.23"), (123.4, "123"), (12345, "12,345"), (0, "0"), (-2.5, "-2.50"),
        (999_999.6, "1,000,000"), (.infinity, "?"),
    ])
    func `numbers have three digits that count`(value: Double, text: String) { #expect(Number.text(value) == text) }

    @Test(arguments: [
        (0.5, "0.5"), (10_000, "10k"), (2e6, "2M"), (1.5e9, "1.5G"), (1000, "1k"), (999, "999"), (0.001, "0.001"),
    ])
    func `ticks are short`(value: Double, text: String) { #expect(Number.tick(value) == text) }
}
