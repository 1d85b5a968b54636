/// What the command line says.
struct Options {
    static let help = """
        usage: profile [--binary FILE] [--jobs NAME,…] [--size BYTES] [--files COUNT] [--output DIRECTORY]
                       [--directory DIRECTORY] [--tool auto|perf|callgrind] [--frequency HERTZ] [--limits yes|no]
                       [--hold yes|no] [--rounds COUNT]

          --binary     the ringvault to profile, with its symbols; default .build/release/ringvault
          --jobs       some of \(Job.names); default all
          --size       bytes of large files, 160 MB each; default 1000000000
          --files      number of small files, 10 KiB each on average; default 50000
          --output     where profile.md, <job>.svg and <job>.folded are written; default Benchmarks/Reports/profiles
          --directory  a tmpfs with room for three times the data; default /dev/shm
          --tool       perf counts time, callgrind instructions, fifty times slower and without the kernel's;
                       default auto: perf where it is allowed
          --frequency  samples of perf in a second; default 999
          --rounds     how often each job is run without the profiler; the median counts; default 3
          --limits     whether to measure what each stage costs at least on this machine; default yes
          --hold       whether to keep a virtual machine's host from taking freed memory back meanwhile, which costs
                       whoever uses it next; default: if the host does that

        """

    var binary = ".build/release/ringvault"
    var jobs = Job.allCases
    var size = 1_000_000_000
    var files = 50_000
    var output = "Benchmarks/Reports/profiles"
    var directory = "/dev/shm"
    var tool = "auto"
    var frequency = 999
    var rounds = 3
    var isWithoutLimits = false
    var holdsMemory: Bool?
    var wantsHelp = false

    init(_ arguments: [String]) throws(CommandError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--help" || name == "-h" {
                wantsHelp = true
                return
            }
            guard let text = rest.popFirst() else { throw CommandError("\(name) has no value\n\n\(Self.help)") }
            switch name {
            case "--binary": binary = text
            case "--output": output = text
            case "--directory": directory = text
            case "--size": size = try Self.number(name, text, in: 1...(1 << 36))
            case "--files": files = try Self.number(name, text, in: 8...10_000_000)
            case "--rounds": rounds = try Self.number(name, text, in: 1...100)
            case "--frequency": frequency = try Self.number(name, text, in: 10...20_000)
            case "--tool":
                guard ["auto", "perf", "callgrind"].contains(text) else {
                    throw CommandError("--tool is auto, perf or callgrind")
                }
                tool = text
            case "--limits": isWithoutLimits = try !Self.answer(name, text)
            case "--hold": holdsMemory = try Self.answer(name, text)
            case "--jobs":
                let names = text.split(separator: ",")
                jobs = Job.allCases.filter { names.contains(Substring($0.rawValue)) }
                guard jobs.count == names.count, !jobs.isEmpty else {
                    throw CommandError("--jobs takes some of \(Job.names)")
                }
            default: throw CommandError("there is no option \(name)\n\n\(Self.help)")
            }
        }
    }

    private static func answer(_ name: String, _ text: String) throws(CommandError) -> Bool {
        guard text == "yes" || text == "no" else { throw CommandError("\(name) is yes or no") }
        return text == "yes"
    }

    private static func number(
        _ name: String,
        _ text: String,
        in range: ClosedRange<Int>
    ) throws(CommandError) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw CommandError("'\(text)' cannot be used for \(name)")
        }
        return value
    }
}
