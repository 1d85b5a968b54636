import Plots
import Profiles
import Testing

@Suite struct `Profilers' output` {
    private static let script = """
        ringvault-io-0 15078    2004008 
        \tffffffff81356a68 _copy_to_iter ([kernel.kallsyms])
        \t           29371 operator new(unsigned long) (/usr/lib/x86_64-linux-gnu/libc.so.6)
        \t           2f540 [unknown] (/usr/lib/x86_64-linux-gnu/libzstd.so.1.5.4)

        a thread with spaces 15079    1000 
        \t           78f9d0 $s5Vault1AV (/build/my program (1)/ringvault)

        no-stack 3    7 

        """

    @Test func `perf's samples have thread, cost and frames`() {
        let samples = PerfScript.samples(Self.script)
        #expect(
            samples == [
                Sample(
                    thread: "ringvault-io-0",
                    cost: 2_004_008,
                    frames: [
                        .init(symbol: "_copy_to_iter", object: "[kernel.kallsyms]"),
                        .init(symbol: "operator new(unsigned long)", object: "/usr/lib/x86_64-linux-gnu/libc.so.6"),
                        .init(symbol: nil, object: "/usr/lib/x86_64-linux-gnu/libzstd.so.1.5.4"),
                    ]
                ),
                Sample(
                    thread: "a thread with spaces",
                    cost: 1000,
                    frames: [.init(symbol: "$s5Vault1AV", object: "/build/my program (1)/ringvault")]
                ),
            ]
        )
        #expect(samples.first?.frames.map(\.library) == ["[kernel.kallsyms]", "libc", "libzstd"])
    }

    @Test func `callgrind's functions have their own instructions, not those of whom they call`() {
        let text = """
            events: Ir
            ob=(1) /usr/lib/libzstd.so.1
            fn=(1) ZSTD_compress
            12 100
            +3 20
            cob=(2) /usr/lib/libc.so.6
            cfn=(2) memcpy'2
            calls=1 0
            13 5000
            14 5

            ob=(2)
            fn=(2)
            1 5000

            fn=(3) 0x00001234
            1 7
            """
        let samples = Callgrind.samples(text)
        let costs = Dictionary(uniqueKeysWithValues: samples.map { ($0.frames[0], $0.cost) })
        #expect(costs[.init(symbol: "ZSTD_compress", object: "/usr/lib/libzstd.so.1")] == 125)
        #expect(costs[.init(symbol: "memcpy", object: "/usr/lib/libc.so.6")] == 5000)
        #expect(costs[.init(symbol: nil, object: "/usr/lib/libc.so.6")] == 7)
        #expect(samples.count == 3)
    }

    @Test func `a profile adds up, by activity and by stack`() {
        let profile = Profile(
            PerfScript.samples(Self.script),
            classifier: Classifier(modules: ["Vault"]),
            name: { $0.symbol ?? "[\($0.library)]" }
        )
        #expect(profile.total == 2_005_008)
        #expect(profile.costs == [.otherKernel: 2_004_008, .own("Vault"): 1000])
        #expect(profile.ranking.map(\.activity) == [.otherKernel, .own("Vault")])
        #expect(profile.top(1).map(\.name) == ["_copy_to_iter"])
        #expect(profile.stacks.total == profile.total)
        #expect(
            profile.stacks.text.split(separator: "\n").contains(
                "thread ringvault-io;[libzstd];operator new(unsigned long);_copy_to_iter 2004008"
            )
        )
    }
}
