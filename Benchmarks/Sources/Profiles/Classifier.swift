/// Says what a sample's time went into, from the names in its stack.
///
/// The innermost name that means something counts: a copy that zstd makes is compression, one that libcurl makes is
/// a copy.
package struct Classifier: Sendable {
    /// The program's own modules, as they stand in mangled names: `14TransferEngine`.
    private let modules: [(mangled: String, name: String)]

    /// What a codec's function without a name is taken for, if none of its callers has one.
    private let unnamedCodec: Activity

    /// - Parameters:
    ///   - modules: the program's own.
    ///   - unnamedCodec: what the program does with codecs: hand-written assembly ends the stacks that can be seen.
    package init(modules: [String], unnamedCodec: Activity = .compression) {
        self.unnamedCodec = unnamedCodec
        self.modules = modules.map { ("$s\($0.utf8.count)\($0)", $0) }
    }

    package func activity(_ sample: Sample) -> Activity {
        guard let first = sample.frames.first else { return .unknown }
        if first.isKernel { return Self.kernel(sample.frames.prefix { $0.isKernel }.compactMap(\.symbol)) }
        for (index, frame) in sample.frames.enumerated() {
            let outer = sample.frames[(index + 1)...]
            if let activity = activity(frame, outer: outer) { return activity }
        }
        return .unknown
    }

    private func activity(_ frame: Sample.Frame, outer: ArraySlice<Sample.Frame>) -> Activity? {
        let symbol = frame.symbol ?? ""
        switch frame.library {
        case "libcrypto": return Self.openSSL([symbol] + Self.names(outer, in: "libcrypto"))
        case "libzstd", "liblz4": return codec([symbol] + Self.names(outer, in: frame.library))
        case "libisal", "libz": return .crc32
        case "libcurl", "libssl", "libnghttp2": return .curl
        case "libswift_Concurrency", "libdispatch": return .swiftConcurrency
        case let name where name.hasPrefix("libswift"): return .swiftRuntime
        case "libFoundationEssentials", "lib_FoundationICU", "libFoundation": return .foundation
        case "ld-linux-x86-64", "ld-linux-aarch64": return .linking
        case "libc", "libm", "libpthread":
            if Self.isCopy(symbol) {
                // Codecs copy as part of their work.
                let caller = outer.first { $0.library != "libc" }?.library
                return ["libzstd", "liblz4", "libcrypto"].contains(caller) ? nil : .memoryCopy
            }
            return Self.isMalloc(symbol) ? .malloc : Self.isStart(symbol) ? .linking : .libc
        default: return module(symbol).map(Activity.own)
        }
    }

    /// Whose function it is; nil for generic ones of other modules that were compiled into the program.
    private func module(_ symbol: String) -> String? {
        modules.first { symbol.hasPrefix($0.mangled) }?.name
    }

    private static func names(_ frames: ArraySlice<Sample.Frame>, in library: String) -> [String] {
        frames.prefix { $0.library == library }.compactMap(\.symbol)
    }

    private static func openSSL(_ names: [String]) -> Activity {
        if names.contains(where: { $0.hasPrefix("EVP_Digest") || $0.contains("SHA256") || $0.contains("sha256") }) {
            return .sha256
        }
        if names.contains(where: { $0.hasPrefix("EVP_Encrypt") || $0.hasPrefix("EVP_Decrypt") || $0.contains("gcm") }) {
            return .encryption
        }
        // Hand-written code without a name and, under callgrind, without callers: what nearly all of it is.
        return names.allSatisfy(\.isEmpty) ? .sha256 : .openSSL
    }

    private func codec(_ names: [String]) -> Activity {
        if names.contains(where: { $0.contains("ecompress") }) { return .decompression }
        return names.contains { $0.contains("ompress") } ? .compression : unnamedCodec
    }

    private static func isCopy(_ symbol: String) -> Bool {
        ["mem", "__mem"].contains { symbol.hasPrefix($0) } || symbol.hasPrefix("__bzero")
    }

    private static func isMalloc(_ symbol: String) -> Bool {
        ["malloc", "free", "calloc", "realloc", "cfree", "aligned_alloc", "posix_memalign"].contains {
            symbol.contains($0)
        }
            || ["_int_", "tcache", "unlink_chunk", "sysmalloc", "systrim", "__libc_alloc"].contains {
                symbol.hasPrefix($0)
            }
    }

    private static func isStart(_ symbol: String) -> Bool { symbol.contains("libc_start") || symbol.contains("_dl_") }

    /// - Parameter names: of the kernel's functions, innermost first.
    private static func kernel(_ names: [String]) -> Activity {
        func has(_ parts: String...) -> Bool { names.contains { name in parts.contains { name.contains($0) } } }
        if has("handle_mm_fault", "exc_page_fault", "do_user_addr_fault", "do_anonymous_page") { return .pageFaults }
        if has("tcp_sendmsg", "sock_sendmsg", "sys_sendto", "sys_sendmsg", "sock_write_iter", "sendfile") {
            return .send
        }
        if has("tcp_recvmsg", "sock_recvmsg", "sys_recvfrom", "sock_read_iter") { return .receive }
        if has("do_syscall_64", "el0_svc", "entry_SYSCALL") == false, has("net_rx_action") { return .send }
        if has("pwrite64", "vfs_write", "write_iter", "generic_perform_write", "fallocate") {
            return has("clear_page", "alloc_pages", "folio_alloc", "get_page_from_freelist", "get_folio", "shmem_alloc")
                ? .freshPages : .write
        }
        if has("pread64", "vfs_read", "file_read_iter", "filemap_read") { return .read }
        if has("mmap", "munmap", "madvise", "brk", "exit_mm", "mprotect", "mremap", "zap_p") { return .memoryMapping }
        if has(
            "openat",
            "sys_close",
            "statx",
            "newfstat",
            "fstatat",
            "getdents",
            "rename",
            "unlink",
            "sys_link",
            "linkat",
            "mkdir",
            "fsync",
            "syncfs",
            "truncate",
            "fadvise",
            "mincore",
            "cachestat",
            "task_work_run",
            "__fput",
            "fcntl",
            "flock",
            "statfs",
            "readlink",
            "access",
            "utimens",
            "getxattr"
        ) {
            return .fileCalls
        }
        if has("futex", "schedule", "epoll", "sys_poll", "nanosleep", "eventfd", "wait4") { return .waiting }
        return .otherKernel
    }
}
