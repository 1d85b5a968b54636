internal import FoundationEssentials
internal import Glibc

/// Ceph's object gateway, as the project's tests start it: objects in memory, signatures checked.
final class Gateway: Target {
    static let tool = Tool("radosgw", version: ["--version"], role: "so there is no real object store")

    let bucket: S3Bucket
    /// Where its daemons have their settings and logs.
    private let directory: String
    private let bench: Bench
    private let server: Server

    /// Starts it, and waits until it answers.
    init(_ bench: Bench) throws {
        let workspace = bench.workspace
        let file = workspace.root + "/gateway"
        let log = workspace.root + "/gateway.log"
        // Another one may have been here before.
        workspace.remove(file)
        StandardError.say("starting Ceph's gateway")
        let script = "env | grep ^RINGVAULT_TEST_RGW > \"$1.new\" && mv \"$1.new\" \"$1\" && exec sleep infinity"
        server = try Server([bench.options.servers, "--only", "rgw", "--", "sh", "-c", script, "sh", file], log: log)
        let clock = ContinuousClock.now
        while !FileManager.default.fileExists(atPath: file) {
            try Interrupt.check()
            guard clock.duration(to: .now) < .seconds(120) else {
                let text = try? String(contentsOfFile: log, encoding: .utf8)
                throw BenchmarkError("the gateway does not start: \((text ?? "").suffix(2000))")
            }
            usleep(100_000)
        }
        var variables: [Substring: String] = [:]
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            let name = line.prefix { $0 != "=" }
            variables[name.dropFirst("RINGVAULT_TEST_RGW_".count)] = String(line.dropFirst(name.count + 1))
        }
        guard let url = variables["URL"], let name = variables["BUCKET"], let authority = variables["CA"],
            let access = variables["ACCESS_KEY"], let secret = variables["SECRET_KEY"],
            let slash = authority.lastIndex(of: "/")
        else { throw BenchmarkError("the gateway has not said where it is") }
        bucket = S3Bucket(endpoint: url, name: name, accessKey: access, secretKey: secret)
        directory = String(authority[..<slash])
        self.bench = bench
    }

    /// From the gateway's log of accesses.
    func requests() throws -> Requests? {
        // It writes behind itself.
        usleep(300_000)
        let script = """
            cat "$1"/client.rgw*.log | grep -o ' beast: .* "[A-Z]* /' | sed 's/.*"\\([A-Z]*\\) .$/\\1/' | sort | uniq -c
            """
        return try Requests(counted: bench.workspace.output(of: ["sh", "-c", script, "sh", directory]))
    }

    func stored(_ prefix: String) throws -> Int? {
        guard try bench.isPresent(Rclone.tool) else { return nil }
        struct Size: Decodable {
            let bytes: Int
        }
        let path = "bench:\(bucket.name)/\(prefix)"
        try bench.workspace.run(["rclone", "size", "--json", path], environment: Rclone.environment(bucket))
        return try JSONDecoder().decode(Size.self, from: Data(contentsOf: URL(filePath: bench.workspace.log))).bytes
    }

    /// Removes all objects, and has the gateway give back their memory, which it would do hours later.
    func clear() throws {
        guard try bench.isPresent(S5cmd.tool) else { return }
        let remove = ["s5cmd", "--log", "error", "--endpoint-url", bucket.endpoint, "rm", "s3://\(bucket.name)/*"]
        // "no object found" is an error too.
        try bench.workspace.run(["sh", "-c", "\"$@\" || :", "sh"] + remove, environment: bucket.environment)
        try bench.workspace.run(
            ["sh", "-c", "radosgw-admin gc process --include-all"],
            environment: ["CEPH_CONF": directory + "/ceph.conf"]
        )
    }
}
