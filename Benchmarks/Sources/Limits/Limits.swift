internal import FoundationEssentials
internal import Programs

/// What every stage costs at least on this machine, and so what a job costs at least.
package struct Limits: Sendable, Codable {
    /// In the order of `Stage`.
    package let limits: [Limit]
    /// Bytes of the sample that bytes went through.
    package let sampleBytes: Int
    /// Stored bytes in per cent of plain ones, of the same sample: `zstd level 1`, `LZ4`.
    package let stored: [String: Double]

    package init(limits: [Limit], sampleBytes: Int, stored: [String: Double]) {
        self.limits = limits
        self.sampleBytes = sampleBytes
        self.stored = stored
    }

    package subscript(stage: Stage) -> Limit? { limits.first { $0.stage == stage } }

    /// CPU seconds that a job costs at least, with what each stage has in it; nil if a stage was not measured.
    package func sum(_ work: Work) -> Sum? {
        var parts: [Sum.Part] = []
        for part in work.parts {
            guard let limit = self[part.stage] else { return nil }
            let scale = part.stage.unit == .bytes ? 1e9 : 1e6
            parts.append(Sum.Part(stage: part.stage, seconds: limit.seconds * Double(part.amount) / scale))
        }
        return Sum(name: work.name, parts: parts)
    }

    /// What a job costs at least.
    package struct Sum: Sendable, Codable, Hashable {
        package struct Part: Sendable, Codable, Hashable {
            package let stage: Stage
            /// CPU seconds of the whole job.
            package let seconds: Double
        }

        /// `read, hash, send`.
        package let name: String
        package let parts: [Part]

        package var seconds: Double { parts.reduce(0) { $0 + $1.seconds } }

        /// How many times that a program took; the goal is at most 1.3.
        package func ratio(of measured: Double) -> Double { seconds > 0 ? measured / seconds : .infinity }
    }

    /// Measures by a process of its own, so that the caller stays small: a child's peak memory is at least what its
    /// parent had when it started it.
    ///
    /// - Parameters:
    ///   - sample: a file, or a directory with files of which as many are taken as are needed: what is compressed.
    ///   - directory: where files are written for a moment; its file system is measured.
    ///   - program: the built `stage-limits`; by default the one beside the running program.
    /// - Throws: `LimitsError` with what the program said.
    package static func measure(
        sample: String,
        directory: String,
        bytes: Int = 256 << 20,
        rounds: Int = 5,
        program: String? = nil
    ) throws(LimitsError) -> Limits {
        let printed: Program.Result
        do throws(ProgramError) {
            let beside = if let program { program } else { try Program.sibling("stage-limits") }
            printed = try Program(
                [beside, "--sample", sample, "--directory", directory, "--bytes", "\(bytes)", "--rounds", "\(rounds)"]
            ).run()
        } catch { throw LimitsError(error.description) }
        guard printed.status == 0 else { throw LimitsError("stage-limits ended with wait status \(printed.status)") }
        do { return try JSONDecoder().decode(Limits.self, from: Data(printed.output)) } catch {
            throw LimitsError("stage-limits has not printed limits: \(error)\n\(printed.text.suffix(2000))")
        }
    }
}

/// Why limits could not be measured.
package struct LimitsError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
