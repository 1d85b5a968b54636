/// What a child process gets of our environment.
///
/// Ours holds what opens the store and the vault; Cassandra's programs need none of it.
package enum ChildEnvironment {
    /// Variables that the scripts around Java and Python read.
    ///
    /// Source: bin/nodetool, bin/cassandra.in.sh, conf/cassandra-env.sh and bin/cqlsh of Cassandra 3.11 to 5.0.
    private static let names: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "JAVA_HOME", "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS", "JVM_OPTS", "JVM_EXTRA_OPTS", "EXTRA_CLASSPATH", "CLASSPATH", "MAX_HEAP_SIZE",
        "HEAP_NEWSIZE", "MALLOC_ARENA_MAX", "JMX_PORT", "LOCAL_JMX", "CQLSH_PYTHON", "LD_LIBRARY_PATH",
    ]
    private static let prefixes = ["LC_", "CASSANDRA_"]

    /// The variables of `all` that a child gets, with Cassandra's usual directories of programs added to PATH: those
    /// of the archive and of the official image are in no PATH that a timer has.
    package static func reduced(_ all: [String: String]) -> [String: String] {
        var reduced = all.filter { name, _ in
            (names.contains(name) || prefixes.contains { name.hasPrefix($0) }) && !SecretName.isSecret(name)
        }
        var path = reduced["PATH"].map { [$0] } ?? ["/usr/local/bin:/usr/bin:/bin"]
        if let home = reduced["CASSANDRA_HOME"], !home.isEmpty { path.append("\(home)/bin") }
        path.append("/opt/cassandra/bin")
        reduced["PATH"] = path.joined(separator: ":")
        return reduced
    }
}
