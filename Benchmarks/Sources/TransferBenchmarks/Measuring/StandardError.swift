internal import SystemPackage

/// Where progress and errors go, so that standard output is the report alone.
enum StandardError {
    static func say(_ line: String) {
        // Nothing can be said of a failure to say something.
        _ = try? FileDescriptor.standardError.writeAll(Array((line + "\n").utf8))
    }
}
