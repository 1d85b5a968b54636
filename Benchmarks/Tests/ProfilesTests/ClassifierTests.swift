import Profiles
import Testing

@Suite struct `A classifier` {
    private let classifier = Classifier(modules: ["TransferEngine", "Vault"])

    private func activity(_ frames: [(String?, String)]) -> Activity {
        classifier.activity(
            Sample(thread: "t", cost: 1, frames: frames.map { Sample.Frame(symbol: $0.0, object: $0.1) })
        )
    }

    private static let kernel = "[kernel.kallsyms]"
    private static let libc = "/usr/lib/x86_64-linux-gnu/libc.so.6"
    private static let program = "/build/release/ringvault"

    @Test func `tells pages that are new from bytes that go into them`() {
        let write: [(String?, String)] = [
            ("shmem_file_write_iter", Self.kernel), ("vfs_write", Self.kernel), ("__x64_sys_pwrite64", Self.kernel),
            ("__libc_pwrite", Self.libc),
        ]
        #expect(
            activity([("clear_page_erms", Self.kernel), ("shmem_get_folio_gfp", Self.kernel)] + write) == .freshPages
        )
        #expect(activity([("copy_folio_from_iter_atomic", Self.kernel)] + write) == .write)
    }

    @Test func `a fault is a fault, wherever it comes`() {
        let frames = [
            "clear_page_erms", "do_anonymous_page", "handle_mm_fault", "exc_page_fault", "_copy_to_iter",
            "shmem_file_read_iter", "vfs_read",
        ]
        #expect(activity(frames.map { ($0, Self.kernel) }) == .pageFaults)
    }

    @Test(arguments: [
        (["_copy_to_iter", "shmem_file_read_iter", "vfs_read", "__x64_sys_pread64"], Activity.read),
        (["_copy_from_iter", "tcp_sendmsg_locked", "sock_write_iter", "vfs_write"], .send),
        (["tcp_recvmsg_locked", "sock_recvmsg", "__sys_recvfrom"], .receive),
        (["futex_wait", "do_futex"], .waiting),
        (["__d_lookup_rcu", "do_sys_openat2", "__x64_sys_openat"], .fileCalls),
        (["zap_pte_range", "__x64_sys_munmap"], .memoryMapping),
        (["perf_event_task_tick"], .otherKernel),
    ])
    func `sorts the kernel's work by its system call`(names: [String], expected: Activity) {
        #expect(activity(names.map { ($0, Self.kernel) }) == expected)
    }

    @Test func `a copy is whose it is`() {
        let copy: (String?, String) = ("__memmove_avx512_unaligned_erms", Self.libc)
        #expect(
            activity([copy, (nil, "/lib/libzstd.so.1.5.4"), ("ZSTD_compressCCtx", "/lib/libzstd.so.1.5.4")])
                == .compression
        )
        #expect(activity([copy, (nil, "/lib/libcurl.so.4.8.0")]) == .memoryCopy)
    }

    @Test func `tells decompression from compression by the function that was called`() {
        let library = "/lib/libzstd.so.1.5.4"
        #expect(activity([(nil, library), ("ZSTD_decompressDCtx", library)]) == .decompression)
        #expect(activity([(nil, library), ("ZSTD_compressCCtx", library)]) == .compression)
        let restore = Classifier(modules: [], unnamedCodec: .decompression)
        let frame = Sample.Frame(symbol: nil, object: library)
        #expect(restore.activity(Sample(thread: "", cost: 1, frames: [frame])) == .decompression)
    }

    @Test func `hashes and ciphers are told apart`() {
        let library = "/lib/libcrypto.so.3"
        #expect(activity([(nil, library), ("SHA256_Update", library)]) == .sha256)
        #expect(activity([(nil, library), ("EVP_EncryptUpdate", library)]) == .encryption)
        #expect(activity([("CRYPTO_free", library)]) == .openSSL)
        #expect(activity([(nil, library)]) == .sha256)
    }

    @Test func `a generic function of the library is its caller's`() {
        #expect(
            activity([("$sSS6appendyySSF", Self.program), ("$s5Vault8ManifestV4lineyyF", Self.program)])
                == .own("Vault")
        )
        #expect(activity([("$s14TransferEngine4FileV", Self.program)]) == .own("TransferEngine"))
        #expect(activity([("swift_retain", "/opt/libswiftCore.so"), ("$s5Vault1AV", Self.program)]) == .swiftRuntime)
        #expect(activity([("malloc", Self.libc), ("swift_slowAlloc", "/opt/libswiftCore.so")]) == .malloc)
        #expect(activity([(nil, "[unknown]")]) == .unknown)
    }
}
