internal import FoundationEssentials
internal import Glibc
internal import Programs

/// nginx as a bucket that takes every PUT, into files of a tmpfs.
struct UploadTarget {
    static let bucket = "sink"
    static let environment = [
        "AWS_ACCESS_KEY_ID": "profile", "AWS_SECRET_ACCESS_KEY": "profile", "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "127.0.0.1",
    ]

    let endpoint: String
    private let process: Int32
    private let directory: String

    /// Starts it, and waits until it answers; it ends with this process.
    init(_ workspace: Workspace) throws {
        directory = workspace.root + "/nginx"
        for part in ["objects", "bodies"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(part)", withIntermediateDirectories: true)
        }
        // Nobody else's, as likely as can be: between the range of the kernel's own choice and well-known services.
        let port = 20000 + Int(getpid()) % 10000
        endpoint = "http://127.0.0.1:\(port)"
        let file = directory + "/nginx.conf"
        try Self.configuration(directory, port).write(toFile: file, atomically: false, encoding: .utf8)
        let log = directory + "/log"
        process = try Program(
            ["setpriv", "--pdeathsig", "TERM", "nginx", "-p", directory, "-c", file, "-e", directory + "/errors"],
            environment: ["PATH": (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin"]
        ).start(log: log)
        for _ in 0..<500 {
            if Self.answers(port) { return }
            usleep(20_000)
        }
        stop()
        throw CommandError("nginx does not answer: \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
    }

    func stop() {
        kill(process, SIGTERM)
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func answers(_ port: Int) -> Bool {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = UInt16(port).bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafeMutablePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(handle, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func configuration(_ directory: String, _ port: Int) -> String {
        """
        \(geteuid() == 0 ? "user root;" : "")
        daemon off;
        worker_processes 2;
        pid \(directory)/pid;
        error_log \(directory)/errors warn;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path \(directory)/bodies;
          proxy_temp_path \(directory)/bodies;
          fastcgi_temp_path \(directory)/bodies;
          uwsgi_temp_path \(directory)/bodies;
          scgi_temp_path \(directory)/bodies;
          client_body_buffer_size 1m;
          client_max_body_size 0;
          keepalive_requests 1000000;
          server {
            listen 127.0.0.1:\(port) backlog=1024;
            root \(directory)/objects;
            location ~ ^/\(bucket)/?$ {
              default_type application/xml;
              return 200 '<ListBucketResult><Name>\(bucket)</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>';
            }
            location / {
              dav_methods PUT DELETE;
              create_full_put_path on;
            }
          }
        }

        """
    }
}
