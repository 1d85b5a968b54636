import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `Real servers` {
    @Test(.enabled(if: RealServer.areRequired, "CI is not true, or RINGVAULT_TEST_SERVERS is none"))
    func `all run where tests may not be skipped`() {
        let missing = Set(RealServer.allCases).subtracting(RealServer.running)
        // One of these two is enough: both have checks of signatures that are not Ceph's.
        let isAnotherS3There = !missing.isSuperset(of: [.moto, .swift])
        let accepted: Set<RealServer> = isAnotherS3There ? [.moto, .swift] : []
        #expect(missing.subtracting(accepted) == [])
    }

    @Test(.enabled(if: !RealServer.running.isEmpty, "none runs"), arguments: RealServer.running)
    func `answer our client and show nothing without keys`(server: RealServer) async throws {
        let access = try #require(server.access)
        var settings = HTTPSettings()
        settings.caFile = access.caFile
        let absent =
            switch server {
            case .rgw, .rgwTLS, .moto, .swift: "/\(access.bucket)/absent"
            case .googleCloudEmulator: "/storage/v1/b/\(access.bucket)/o/absent"
            }
        let answer = try await HTTPClient(settings).send(HTTPRequest(.get, access.url + absent))
        // Each refuses in its own way, moto with a status of 500; the emulator, which asks for no keys, has no such object.
        #expect(answer.status >= 400)
    }

    @Test(.running(.rgwTLS)) func `are refused without their authority`() async throws {
        let access = try #require(RealServer.rgwTLS.access)
        await #expect {
            _ = try await HTTPClient().send(HTTPRequest(.get, access.url + "/"))
        } throws: {
            ($0 as? HTTPError)?.code == .tls
        }
    }
}
