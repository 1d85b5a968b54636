import Plots
import Testing

@Suite struct `A flame graph` {
    private func graph(_ text: String) -> String {
        FlameGraph(title: "t", subtitle: "s", unit: "samples", stacks: FoldedStacks(text), legend: []) { name in
            FlameGraph.Kind(name, colour: name.utf8.count)
        }.svg
    }

    @Test func `frames are as wide as their cost and stand on their callers`() {
        let svg = graph("main;read 75\nmain;write 25\n")
        #expect(svg.contains("<title>main: 100 samples, 100.0 %</title>"))
        #expect(svg.contains("<title>read: 75 samples, 75.0 %</title>"))
        let boxes = svg.split(separator: "\n").filter { $0.hasPrefix("<rect class=\"box") }
        func number(_ name: String, _ line: Substring) -> Double? {
            line.split(separator: " ").first { $0.hasPrefix("\(name)=") }
                .flatMap { Double($0.dropFirst(name.count + 2).prefix { $0 != "\"" }) }
        }
        let (main, read, write) = (boxes[0], boxes[1], boxes[2])
        #expect(number("width", read) == number("width", main).map { $0 * 0.75 })
        #expect(number("x", write) == number("x", main).flatMap { x in number("width", read).map { x + $0 } })
        #expect(number("y", read).flatMap { y in number("y", main).map { $0 - y } } == 17)
    }

    @Test func `what is too small to see is drawn together`() {
        let small = (0..<500).map { "main;f\($0) 1\n" }.joined()
        let svg = graph("main;large 1000000\n" + small)
        #expect(svg.contains("500 small functions"))
        #expect(!svg.contains("f17"))
    }

    @Test func `names of functions are escaped`() {
        let svg = graph("Array<Int>.append(_:) 9\n")
        #expect(svg.contains("Array&lt;Int&gt;.append(_:)"))
    }

    @Test func `without stacks it says so`() { #expect(graph("").contains("there are no stacks")) }

    @Test func `folded stacks are read as they are written`() {
        var stacks = FoldedStacks("a;b 3\na;b 4\nnot a stack\nc 1\n")
        #expect(stacks.total == 8)
        stacks.add(["x;y", "z"], cost: 2)
        #expect(stacks.text == "a;b 7\nc 1\nx:y;z 2\n")
        #expect(FoldedStacks(stacks.text).total == 10)
    }
}
