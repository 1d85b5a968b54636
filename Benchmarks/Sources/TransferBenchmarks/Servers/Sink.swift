internal import FoundationEssentials
internal import Glibc

/// nginx as a place to put objects: a bucket named `sink`, as far as clients of S3 need one to upload.
///
/// Objects become files below its directory; parts of a multipart upload stay files of their own. It knows no
/// conditions, and every listing is empty. Nothing is signed or checked, so that it is the same little work for all.
final class Sink {
    static let bucket = "sink"
    /// What every client of it has to know; what else a user's machine has set up must not disturb it.
    static let environment = [
        "AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark", "AWS_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_CA_BUNDLE": "",
        "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1",
    ]

    let directory: String
    let endpoint: String
    private let server: Server

    /// Where the objects lie, as files.
    var objects: String { directory + "/objects" }
    private var requestLog: String { directory + "/requests" }

    /// Starts it, and waits until it answers.
    ///
    /// - Parameter directory: is made.
    init(_ directory: String) throws {
        for part in ["objects", "bodies", "other"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(part)", withIntermediateDirectories: true)
        }
        let port = try LoopbackPort.free()
        self.directory = directory
        endpoint = "http://127.0.0.1:\(port)"
        let file = directory + "/nginx.conf"
        try Self.configuration(directory, port).write(toFile: file, atomically: false, encoding: .utf8)
        let log = directory + "/log"
        server = try Server(["nginx", "-p", directory, "-c", file, "-e", directory + "/errors"], log: log)
        let clock = ContinuousClock.now
        while !LoopbackPort.answers(port) {
            try Interrupt.check()
            guard clock.duration(to: .now) < .seconds(10) else {
                let text = try? String(contentsOfFile: log, encoding: .utf8)
                throw BenchmarkError("nginx does not answer: \((text ?? "").suffix(2000))")
            }
            usleep(20_000)
        }
    }

    /// Requests answered so far, by method.
    func requests() throws -> Requests {
        let lines = try String(contentsOfFile: requestLog, encoding: .utf8).utf8.split(separator: UInt8(ascii: "\n"))
        return Requests(methods: lines.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Removes all objects.
    func empty() throws {
        try FileManager.default.removeItem(atPath: objects)
        try FileManager.default.createDirectory(atPath: objects, withIntermediateDirectories: false)
    }

    /// Bodies are written next to the objects, so that the last step of a PUT is a rename.
    private static func configuration(_ directory: String, _ port: UInt16) -> String {
        """
        \(geteuid() == 0 ? "user root;" : "")
        daemon off;
        worker_processes 2;
        pid \(directory)/pid;
        error_log \(directory)/errors warn;
        events { worker_connections 1024; }
        http {
          log_format method '$request_method';
          access_log \(directory)/requests method;
          client_body_temp_path \(directory)/bodies;
          proxy_temp_path \(directory)/other;
          fastcgi_temp_path \(directory)/other;
          uwsgi_temp_path \(directory)/other;
          scgi_temp_path \(directory)/other;
          client_body_buffer_size 1m;
          client_max_body_size 0;
          keepalive_requests 1000000;
          keepalive_timeout 300;
          tcp_nodelay on;
          server {
            listen 127.0.0.1:\(port) backlog=1024;
            root \(directory)/objects;
            etag off;
            # Multipart uploads: begun by ?uploads, a file for each ?partNumber, ended by ?uploadId.
            if ($request_method = POST) { rewrite ^ /.multipart last; }
            if ($arg_partNumber) { rewrite ^(.*)$ $1.part$arg_partNumber last; }
            location = /.multipart {
              internal;
              default_type application/xml;
              if ($arg_uploadId) { return 200 '\(completed)'; }
              return 200 '\(initiated)';
            }
            location ~ ^/\(bucket)/?$ {
              default_type application/xml;
              return 200 '\(listing)';
            }
            location / {
              dav_methods PUT DELETE;
              dav_access user:rw;
              create_full_put_path on;
              add_header ETag '"of-the-sink"';  # no 32 hex digits, which clients would take for an MD5
            }
          }
        }

        """
    }

    private static let listing = """
        <ListBucketResult><Name>\(bucket)</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>
        """
    private static let initiated = """
        <InitiateMultipartUploadResult><Bucket>\(bucket)</Bucket><Key>any</Key><UploadId>1</UploadId>\
        </InitiateMultipartUploadResult>
        """
    private static let completed = """
        <CompleteMultipartUploadResult><Bucket>\(bucket)</Bucket><Key>any</Key><ETag>"of-the-sink"</ETag>\
        </CompleteMultipartUploadResult>
        """
}

/// How many requests of each method a server got.
struct Requests: Sendable, Codable, Equatable {
    private(set) var counts: [String: Int] = [:]

    init(methods: [String] = []) { for method in methods { add(method) } }

    var total: Int { counts.values.reduce(0, +) }

    /// `12 HEAD, 130 PUT`.
    var text: String {
        counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(
            separator: ", "
        )
    }

    mutating func add(_ method: String) { counts[method, default: 0] += 1 }

    static func - (left: Requests, right: Requests) -> Requests {
        var difference = left
        for (method, count) in right.counts { difference.counts[method, default: 0] -= count }
        return difference
    }
}
