internal import FoundationEssentials
package import SystemPackage
package import TransferEngine

/// What credentials can be found with: the environment, files, services on the network and beside the machine.
package struct CredentialContext: Sendable {
    package let environment: [String: String]
    package let clock: WallClock
    /// For services on the network, such as STS: as the store is reached.
    package let http: HTTPClient
    /// For services beside the machine, such as 169.254.169.254: never by a proxy, and with little patience.
    package let local: HTTPClient
    package let io: IOExecutor

    /// Asks of a metadata service are short, and so are its answers: 64 KiB are more than any.
    package static let answerLimit = 64 * 1024

    package init(_ settings: StoreSettings, http: HTTPClient, io: IOExecutor) {
        environment = settings.environment
        clock = settings.clock
        self.http = http
        self.io = io
        var nearby = HTTPSettings()
        nearby.timeouts.connect = .seconds(2)
        nearby.timeouts.firstByte = .seconds(5)
        nearby.timeouts.stall = .seconds(5)
        nearby.connections = 2
        local = HTTPClient(nearby)
    }

    /// A variable that is set and not empty.
    package func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// `~` and the rest of `path` in the user's home; nil if there is no home.
    package func inHome(_ path: String) -> FilePath? { variable("HOME").map { FilePath($0).appending(path) } }

    /// The text of a small file, read each time: tokens and keys are rotated by replacing files.
    ///
    /// - Throws: `.invalid`, naming `what` and the file.
    package func text(of path: FilePath, _ what: String) async throws(CredentialError) -> String {
        do throws(FileError) {
            return try await io.run { () throws(FileError) in
                try SmallFile.text(of: path, followingLinks: true)
            }
        } catch {
            throw CredentialError(.invalid, "cannot read \(what): \(error)")
        }
    }
}
