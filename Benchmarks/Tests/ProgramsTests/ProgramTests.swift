import FoundationEssentials
import MachineFacts
import Programs
import Testing

@Suite struct `A program` {
    @Test func `tells what it printed and how it ended`() throws {
        let result = try Program(["sh", "-c", "printf 'a b'; exit 3"]).run()
        #expect(result.text == "a b")
        #expect(result.status == 3 << 8)
    }

    @Test func `has nothing in its standard input, and what is said of its environment`() throws {
        let result = try Program(["sh", "-c", "cat; printf '%s' \"$WORD\""], environment: ["WORD": "x"]).run()
        #expect(result.text == "x")
    }

    @Test func `more than a pipe holds is read whole`() throws {
        let result = try Program(["sh", "-c", "head -c 1000000 /dev/zero"]).run()
        #expect(result.output.count == 1_000_000)
    }

    @Test func `CPU time of what it did is counted`() throws {
        let result = try Program(["sh", "-c", "i=0; while test $i -lt 50000; do i=$((i + 1)); done"]).run()
        #expect(result.userSeconds > 0.001)
        #expect(result.userSeconds < 30)
    }

    @Test func `one that is not there is an error`() {
        #expect(throws: ProgramError.self) { try Program(["/nonexistent/program"]).run() }
        #expect(throws: ProgramError.self) { try Program.sibling("no-such-sibling") }
        #expect(!Program.isInstalled("no-such-program"))
        #expect(Program.isInstalled("sh"))
    }
}

@Suite struct `Facts of a machine` {
    @Test func `say what it is, in a form that JSON keeps`() throws {
        let facts = MachineFacts(directory: "/proc")
        #expect(facts.cores >= 1)
        #expect(facts.memoryBytes > 1 << 20)
        #expect(facts.fileSystem == "proc")
        #expect(Set(facts.flags).isDisjoint(with: facts.missingFlags))
        #expect(try JSONDecoder().decode(MachineFacts.self, from: JSONEncoder().encode(facts)) == facts)
        #expect(facts.markdown.split(separator: "\n").allSatisfy { $0.hasPrefix("- ") })
    }

    @Test func `a slug is a part of a file's name`() {
        let slug = MachineFacts(directory: "/").slug
        #expect(!slug.isEmpty)
        #expect(slug.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
    }
}
