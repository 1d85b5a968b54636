/// zstd alone, with all cores: what compression costs and brings where nothing else is done.
enum Zstd {
    static let tool = Tool("zstd")

    static func contender(_ source: Source, level: Int) -> Contender {
        let output = source.scratch + "/compressed"
        return Contender(
            tool: tool,
            name: "zstd -\(level) -T0",
            steps: [
                Contender.Step(
                    job: .backup,
                    arguments: ["zstd", "-\(level)", "-T0", "-q", "-r", source.data, "--output-dir-mirror", output],
                    stores: .directory(output)
                )
            ]
        )
    }
}
