internal import SystemPackage

/// The words of `nodetool import`.
///
/// Source: org.apache.cassandra.tools.nodetool.Import, 4.0 to 5.0. The short `-p` for copying is none of them: the script
/// around nodetool takes it for the port.
enum NodetoolImport {
    static func words(_ options: ImportOptions) -> [String] {
        let switches = [
            (options.keepsLevel, "--keep-level"),
            (options.keepsRepaired, "--keep-repaired"),
            (options.copies, "--copy-data"),
            (!options.verifies, "--no-verify"),
            (options.verifiesValues, "--extended-verify"),
            (!options.verifiesTokens, "--no-tokens"),
            (!options.invalidatesCaches, "--no-invalidate-caches"),
        ]
        return switches.filter(\.0).map(\.1)
    }

    /// The directories of which something was not loaded; nil if the answer is of another kind.
    static func failed(_ answer: ChildProcess.Answer, of directories: [FilePath]) -> [FilePath]? {
        let lines = NodetoolText.lines(of: answer.errors).map(NodetoolText.trimmed)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("Some directories failed to import") }) else {
            return nil
        }
        let named = Set(lines[(start + 1)...].map { FilePath($0).lexicallyNormalized() })
        let failed = directories.filter { named.contains($0.lexicallyNormalized()) }
        // Words that name none of ours are no reason to trust any.
        return failed.isEmpty ? directories : failed
    }
}
