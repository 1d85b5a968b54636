import Glibc
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `A state directory` {
    private static func mode(_ path: FilePath) -> mode_t {
        var status = stat()
        guard unsafe stat(path.string, &status) == 0 else { return 0 }
        return status.st_mode & 0o777
    }

    @Test(
        arguments: [
            (["HOME": "/home/c"], 0, "/var/lib/ringvault"),
            (["HOME": "/home/c"], 7, "/home/c/.local/state/ringvault"),
            (["HOME": "/home/c", "XDG_STATE_HOME": "/s"], 7, "/s/ringvault"),
            (["HOME": "/home/c", "XDG_STATE_HOME": "relative"], 7, "/home/c/.local/state/ringvault"),
            (["HOME": "/", "XDG_STATE_HOME": ""], 7, nil), ([:], 7, nil),
        ] as [([String: String], UInt32, String?)]
    )
    func `lies where its user's state does`(environment: [String: String], user: UInt32, path: String?) {
        #expect(StateDirectory.defaultPath(environment: environment, user: user)?.string == path)
    }

    @Test func `is its owner's alone, with all below it, also where it was open before`() throws {
        try withTemporaryDirectory { root in
            let path = root.appending("a/b/state")
            let state = try StateDirectory(path)
            #expect(Self.mode(path) == 0o700)
            let below = try state.directory("runs", "x")
            #expect(below == path.appending("runs/x"))
            #expect(Self.mode(path.appending("runs")) == 0o700)
            #expect(Self.mode(below) == 0o700)
            #expect(unsafe chmod(path.string, 0o755) == 0)
            _ = try StateDirectory(path)
            #expect(Self.mode(path) == 0o700)
        }
    }

    @Test func `that cannot be made is an error that names it`() throws {
        try withTemporaryDirectory { root in
            try makeFile(root.appending("file"), [1])
            let error = #expect(throws: FileError.self) { try StateDirectory(root.appending("file/state")) }
            #expect(error?.description.contains("file/state") == true)
        }
    }

    @Test(arguments: [("runs", true), ("", false), (".", false), ("..", false), ("a/b", false), ("a\0", false)])
    func `knows what is one name`(text: String, isName: Bool) {
        #expect(StateDirectory.isName(text) == isName)
    }
}
