/// What the command line says.
struct Options {
    static let help = """
        usage: TransferBenchmarks [--binary FILE] [--size SIZE] [--files COUNT] [--rounds COUNT] [--only NAME,…]
                                  [--directory DIRECTORY] [--reports DIRECTORY]

          --binary     the ringvault to measure; default .build/release/ringvault
          --size       bytes of large files, 200 MiB each, and about those of uploads, 160 MB each; default 2GiB
          --files      number of small files, 10 KiB each on average; default 100000
          --rounds     how often everything is measured; default 3
          --only       some of large, small (both from directory to directory), upload (to a local nginx), latency (to
                       a store with 50 ms for each request), incremental (1 % new after a full backup of holes, 25 times
                       --size); default all
          --directory  a tmpfs with room for three times the data; default /dev/shm
          --reports    where <date>.md and <date>.json are written; default Benchmarks/Reports

        """

    var binary = ".build/release/ringvault"
    var size = 2 << 30
    var files = 100_000
    var rounds = 3
    var workloads = Workload.allCases
    var directory = "/dev/shm"
    var reports = "Benchmarks/Reports"
    var wantsHelp = false

    init(_ arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--help" || name == "-h" {
                wantsHelp = true
                return
            }
            guard let text = rest.popFirst() else { throw BenchmarkError("\(name) has no value\n\n\(Self.help)") }
            switch name {
            case "--binary": binary = text
            case "--directory": directory = text
            case "--reports": reports = text
            case "--size": size = try Self.number(name, text, in: 1...(1 << 40))
            case "--files": files = try Self.number(name, text, in: 8...10_000_000)
            case "--rounds": rounds = try Self.number(name, text, in: 1...100)
            case "--only":
                let names = text.split(separator: ",")
                workloads = Workload.allCases.filter { names.contains(Substring($0.rawValue)) }
                guard workloads.count == names.count else {
                    throw BenchmarkError("--only takes some of \(Workload.names), parted by commas")
                }
            default: throw BenchmarkError("there is no option \(name)\n\n\(Self.help)")
            }
        }
    }

    private static func number(
        _ name: String,
        _ text: String,
        in range: ClosedRange<Int>
    ) throws(BenchmarkError) -> Int {
        guard let value = Text.bytes(text), range.contains(value) else {
            throw BenchmarkError("'\(text)' cannot be used for \(name)")
        }
        return value
    }
}
