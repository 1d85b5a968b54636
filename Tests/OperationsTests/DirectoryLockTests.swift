import SystemPackage
import TestSupport
import Testing

@testable import Operations

@Suite struct `A directory's lock` {
    @Test func `keeps others out, and those that share it only from having it alone`() throws {
        try withTemporaryDirectory { directory in
            try withExtendedLifetime(DirectoryLock(directory, "write to")) {
                let refused = #expect(throws: RunError.self) {
                    try DirectoryLock(directory, "write to", isShared: true)
                }
                #expect(refused?.description.contains("another ringvault is at work there") == true)
            }
            try withExtendedLifetime(DirectoryLock(directory, "read", isShared: true)) {
                _ = try DirectoryLock(directory, "read", isShared: true)
                #expect(throws: RunError.self) { try DirectoryLock(directory, "write to") }
            }
        }
    }

    @Test func `is free once it is given back, though a child being started still has its descriptor`() throws {
        try withTemporaryDirectory { directory in
            var lock: DirectoryLock? = try DirectoryLock(directory, "write to")
            let child = try #require(try HeldDescriptor(of: directory))
            #expect(lock?.holds(directory) == true)
            lock = nil
            _ = try DirectoryLock(directory, "write to")
            withExtendedLifetime(child) {}
        }
    }
}
