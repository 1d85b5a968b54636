/// What any backup must at least do: read everything, write it elsewhere, hash it.
enum CopyAndHash {
    static let tool = Tool("cp", version: ["--version"])

    static func contender(_ source: Source) -> Contender {
        let script =
            "cp -r \"$1\" \"$2\" && find \"$1\" -type f -print0 | xargs -0 -P 2 -n 64 sha256sum > \"$2/SHA256SUMS\""
        let copy = source.scratch + "/copy"
        return Contender(
            tool: tool,
            name: "cp -r, sha256sum",
            steps: [
                Contender.Step(
                    job: .backup,
                    arguments: ["sh", "-c", script, "sh", source.data, copy],
                    stores: .directory(copy)
                ),
                Contender.Step(
                    job: .restore,
                    arguments: ["cp", "-r", copy + "/.", source.target],
                    before: [["rm", copy + "/SHA256SUMS"]],
                    restores: source.target
                ),
            ]
        )
    }
}
