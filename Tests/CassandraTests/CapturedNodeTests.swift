import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `A captured node` {
    @Test(arguments: Fixture.versions)
    func `is rebuilt with its hard links and times`(version: String) throws {
        try withTemporaryDirectory { root in
            let node = try Fixture.node(version)
            try node.rebuild(in: root)
            var inodes: [UInt64: String] = [:]
            for file in node.files {
                let status = try FileStatus(of: root.appending(file.path))
                #expect(status.modified == file.modified * 1_000_000_000)
                // One inode is one content, whichever name it has.
                #expect(inodes[status.inode, default: file.sha256] == file.sha256)
                inodes[status.inode] = file.sha256
            }
            #expect(inodes.count < node.files.count)
        }
    }

    @Test func `is refused where a file has another content`() throws {
        try withTemporaryDirectory { root in
            let node = try Fixture.node("4.1.7")
            #expect(throws: CapturedNodeError.self) {
                try node.rebuild(in: root) { _ in "not the checksum" }
            }
        }
    }
}
