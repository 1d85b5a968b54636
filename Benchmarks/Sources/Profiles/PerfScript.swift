/// What `perf script -F comm,tid,period,ip,sym,dso` prints: a line for each sample, a line for each of its frames, an empty one.
package enum PerfScript {
    /// Samples without a stack are left out.
    package static func samples(_ text: String) -> [Sample] {
        var samples: [Sample] = []
        var head: (thread: String, cost: Int)?
        var frames: [Sample.Frame] = []
        func finish() {
            if let head, !frames.isEmpty {
                samples.append(Sample(thread: head.thread, cost: head.cost, frames: frames))
            }
            head = nil
            frames = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                finish()
            } else if let first = line.first, first == "\t" || head != nil && first == " " {
                if let frame = frame(line) { frames.append(frame) }
            } else {
                finish()
                head = header(line)
            }
        }
        finish()
        return samples
    }

    /// `ringvault-io-0 15078    2004008 `: a thread's name can have spaces.
    private static func header(_ line: Substring) -> (String, Int)? {
        let words = line.split(separator: " ")
        guard words.count >= 3, let cost = Int(words[words.count - 1]), Int(words[words.count - 2]) != nil else {
            return nil
        }
        return (words.dropLast(2).joined(separator: " "), cost)
    }

    /// `\t 29371 ZSTD_compressEnd (/usr/lib/libzstd.so.1)`: a symbol can have spaces and brackets.
    private static func frame(_ line: Substring) -> Sample.Frame? {
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard let space = text.firstIndex(of: " "), text.hasSuffix(")") else { return nil }
        let rest = text[text.index(after: space)...]
        // An object is a path or a name in brackets, so that one in a path with spaces is found whole.
        guard let open = rest.lastRange(of: " (/") ?? rest.lastRange(of: " ([") ?? rest.lastRange(of: " (") else {
            return nil
        }
        let symbol = rest[..<open.lowerBound]
        let object = rest[open.lowerBound...].dropFirst(2).dropLast()
        return Sample.Frame(symbol: symbol == "[unknown]" ? nil : String(symbol), object: String(object))
    }
}

extension Substring {
    /// Where a short text stands for the last time.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        var place = endIndex
        while place > startIndex {
            place = index(before: place)
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
        }
        return nil
    }
}
