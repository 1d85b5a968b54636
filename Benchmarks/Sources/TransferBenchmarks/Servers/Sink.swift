internal import FoundationEssentials
internal import Glibc

/// nginx as a place to put objects: a bucket named `sink`, as far as clients of S3 need one to upload.
///
/// Objects become files below its directory; parts of a multipart upload stay files of their own. It knows no
/// conditions, and every listing is empty. Nothing is signed or checked, so that it is the same little work for all.
final class Sink: Target {
    static let bucket = "sink"
    static let tool = Tool("nginx", version: ["-v"], role: "so nothing is uploaded to it")

    let directory: String
    let port: UInt16
    private let workspace: Workspace
    private let server: Server

    var bucket: S3Bucket { .own("http://127.0.0.1:\(port)") }
    /// Where the objects lie, as files.
    private var objects: String { directory + "/objects" }
    private var requestLog: String { directory + "/requests" }

    /// Starts it, and waits until it answers.
    init(_ workspace: Workspace) throws {
        let directory = workspace.root + "/sink"
        for part in ["objects", "bodies", "other"] { try workspace.makeDirectory("\(directory)/\(part)") }
        self.workspace = workspace
        self.directory = directory
        port = try LoopbackPort.free()
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

    /// Since it was cleared last.
    func requests() throws -> Requests? {
        let script = "sort \"$1\" | uniq -c"
        return try Requests(counted: workspace.output(of: ["sh", "-c", script, "sh", requestLog]))
    }

    func stored(_ prefix: String) throws -> Int? {
        try workspace.content(of: "\(objects)/\(Self.bucket)/\(prefix)").bytes
    }

    func clear() throws {
        try workspace.run(["rm", "-rf", objects])
        try workspace.makeDirectory(objects)
        // nginx appends, so it goes on at the new end.
        guard unsafe truncate(requestLog, 0) == 0 else { throw BenchmarkError("cannot empty the log of requests") }
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

    static let listing = """
        <ListBucketResult><Name>\(bucket)</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>
        """
    static let initiated = """
        <InitiateMultipartUploadResult><Bucket>\(bucket)</Bucket><Key>any</Key><UploadId>1</UploadId>\
        </InitiateMultipartUploadResult>
        """
    static let completed = """
        <CompleteMultipartUploadResult><Bucket>\(bucket)</Bucket><Key>any</Key><ETag>"of-the-sink"</ETag>\
        </CompleteMultipartUploadResult>
        """
}
