internal import FoundationEssentials
internal import Glibc
internal import Limits

/// Measures what the stages of a backup cost at least on this machine, by bare calls of C, and prints it as JSON.
///
/// A program of its own, so that its buffers are not in the memory of whoever wants to know.
@main
struct StageLimits {
    private static let help = """
        usage: stage-limits --sample PATH [--directory DIRECTORY] [--bytes COUNT] [--rounds COUNT]

          --sample     a file, or a directory whose files are taken, in the order of their names
          --directory  where files are written for a moment; default /dev/shm
          --bytes      how many bytes go through each stage in a round; default 268435456
          --rounds     how often, in turn; the median counts; default 5

        """

    static func main() {
        do throws(LimitsError) {
            let limits = try run(Array(CommandLine.arguments.dropFirst()))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            guard let json = try? encoder.encode(limits) else { throw LimitsError("cannot write JSON") }
            print(String(decoding: json, as: UTF8.self))
        } catch {
            write("stage-limits: \(error)\n")
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws(LimitsError) -> Limits {
        var (sample, directory, bytes, rounds) = ("", "/dev/shm", 256 << 20, 5)
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw LimitsError("\(name) has no value\n\(help)") }
            switch name {
            case "--sample": sample = value
            case "--directory": directory = value
            case "--bytes": bytes = try number(name, value, in: (1 << 20)...(8 << 30))
            case "--rounds": rounds = try number(name, value, in: 1...1000)
            default: throw LimitsError("there is no option \(name)\n\(help)")
            }
        }
        guard !sample.isEmpty else { throw LimitsError(help) }
        let content = try Sample(path: sample, bytes: bytes)
        let workspace = try Workspace(below: directory)
        defer { workspace.remove() }
        return try measure(content, workspace, rounds: rounds)
    }

    /// Stages take turns, so that what else the machine does falls on all of them.
    private static func measure(
        _ sample: Sample,
        _ workspace: borrowing Workspace,
        rounds: Int
    ) throws(LimitsError) -> Limits {
        let codecs = try CodecStages(sample)
        let files = try FileStages(sample, workspace)
        let memory = try MemoryStages(sample)
        var seconds: [Stage: [Double]] = [:]
        // The first round is of pages that were never touched and code that was never run.
        for round in 0...rounds {
            for stage in Stage.allCases {
                let cost: Double
                switch stage {
                case .memoryCopy: cost = memory.copy()
                case .freshMemory: cost = try memory.fresh()
                case .sha256: cost = try codecs.sha256()
                case .crc32: cost = codecs.crc32()
                case .zstd: cost = try codecs.zstd()
                case .unzstd: cost = try codecs.unzstd()
                case .lz4: cost = try codecs.lz4()
                case .unlz4: cost = try codecs.unlz4()
                case .aes: cost = try codecs.aes()
                case .read: cost = try files.read()
                case .write: cost = try files.write()
                case .rewrite: cost = try files.rewrite()
                case .listFile: cost = try files.list()
                case .openFile: cost = try files.open()
                case .createFile: cost = try files.create()
                case .send:
                    let both = try Loopback.exchange(sample)
                    cost = both.sender
                    if round > 0 { seconds[.receive, default: []].append(both.receiver) }
                case .receive: continue
                }
                if round > 0 { seconds[stage, default: []].append(cost) }
            }
        }
        return Limits(
            limits: Stage.allCases.map { Limit($0, rounds: seconds[$0] ?? []) },
            sampleBytes: sample.count,
            stored: codecs.stored
        )
    }

    private static func number(
        _ name: String,
        _ text: String,
        in range: ClosedRange<Int>
    ) throws(LimitsError) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw LimitsError("'\(text)' cannot be used for \(name)")
        }
        return value
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(2, bytes, bytes.count)
    }
}
