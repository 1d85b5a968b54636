/// What the command line says.
struct Options: Sendable {
    static let help = """
        usage: TransferBenchmarks [--only NAME,…] [--rounds COUNT] [--quick] [--size SIZE] [--files COUNT]
                                  [--hole SIZE] [--largest SIZE] [--binary FILE] [--directory DIRECTORY]
                                  [--reports DIRECTORY] [--tools DIRECTORY] [--scripts DIRECTORY] [--servers FILE]

          --only       some of these, in their order; default all:

        \(Workload.all.map { "                         " + $0.helpLine }.joined(separator: "\n"))

          --rounds     how often everything is measured; default 5
          --quick      one round of little: it shows that everything works, and its figures mean nothing
          --size       bytes of large files, Data.db of 160 MB each; default 1GiB
          --files      number of small files, 10 KiB each on average, 4 KiB for a gateway; default 100000
          --hole       bytes of the one large file, which is sparse; default 20GB
          --largest    bytes of the largest set whose growth is looked at; default 16GB
          --hold       yes or no: whether freed memory is kept from the machine's host, which takes seconds and gigabytes
                       at the start, and as root changes a setting of the kernel until the end; default where a
                       virtual machine's host takes such memory back, since who touches it next would pay for that
          --binary     the ringvault to measure; default .build/release/ringvault
          --directory  a tmpfs with room for three times the data; default /dev/shm
          --reports    where the report is written; default Benchmarks/Reports
          --tools      what 'make bench-deps' has installed; default .build/bench
          --scripts    default Benchmarks/Scripts
          --servers    what starts Ceph's gateway; default Tests/Servers/run

        """

    var binary = ".build/release/ringvault"
    var size = 1 << 30
    var files = 100_000
    var hole = 20_000_000_000
    var largest = 16_000_000_000
    var rounds = 5
    var isQuick = false
    var workloads = Workload.all
    /// nil: where it is needed.
    var holdsMemory: Bool?
    var directory = "/dev/shm"
    var reports = "Benchmarks/Reports"
    var tools = ".build/bench"
    var scripts = "Benchmarks/Scripts"
    var servers = "Tests/Servers/run"
    var wantsHelp = false

    init(_ arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--help", "-h":
                wantsHelp = true
                return
            case "--quick":
                isQuick = true
                (size, files, hole, largest, rounds) = (20_000_000, 2_000, 400_000_000, 160_000_000, 1)
                continue
            default: break
            }
            guard let text = rest.popFirst() else { throw BenchmarkError("\(name) has no value\n\n\(Self.help)") }
            switch name {
            case "--binary": binary = text
            case "--directory": directory = text
            case "--reports": reports = text
            case "--tools": tools = text
            case "--scripts": scripts = text
            case "--servers": servers = text
            case "--size": size = try Self.number(name, text, in: 1...(1 << 40))
            case "--files": files = try Self.number(name, text, in: 800...10_000_000)
            case "--hole": hole = try Self.number(name, text, in: 1...(1 << 43))
            case "--largest": largest = try Self.number(name, text, in: 1...(1 << 43))
            case "--rounds": rounds = try Self.number(name, text, in: 1...100)
            case "--hold":
                guard ["yes", "no"].contains(text) else { throw BenchmarkError("--hold takes yes or no") }
                holdsMemory = text == "yes"
            case "--only":
                let names = text.split(separator: ",").map(String.init)
                workloads = Workload.all.filter { names.contains($0.name) }
                guard workloads.count == names.count else {
                    let all = Workload.all.map(\.name).joined(separator: ", ")
                    throw BenchmarkError("--only takes some of \(all), parted by commas")
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
