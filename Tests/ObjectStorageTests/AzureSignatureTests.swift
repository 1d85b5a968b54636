import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite struct `Signatures of Azure requests` {
    struct Fixture: Decodable, Sendable {
        struct Vector: Decodable, Sendable {
            let method: String
            let url: String
            let headers: [String: String]
            let account: String
            let string_to_sign: String
            let authorization: String
        }

        let key: String
        let vectors: [Vector]
        let account_sas: String
    }

    @Test func `are those of Azure's SDK, for every vector`() throws {
        let fixture = try SignatureFixture.load(Fixture.self, "azure.json")
        #expect(fixture.vectors.count == 10)
        for vector in fixture.vectors {
            let key = try AzureSharedKey(account: vector.account, key: fixture.key, origin: "the fixture")
            var request = HTTPRequest(try #require(HTTPRequest.Method(rawValue: vector.method)), vector.url)
            // In an order of chance: the signature has one of its own.
            for (name, value) in vector.headers where name != "Content-Length" { request.headers.append((name, value)) }
            let count = vector.headers["Content-Length"].flatMap { Int($0) }
            #expect(key.stringToSign(request, bodyCount: count) == vector.string_to_sign, "\(vector.url)")
            #expect(key.authorization(request, bodyCount: count) == vector.authorization, "\(vector.url)")
        }
    }

    @Test func `cover a range, and all values of a parameter in order`() throws {
        let fixture = try SignatureFixture.load(Fixture.self, "azure.json")
        let key = try AzureSharedKey(account: "a", key: fixture.key, origin: "the fixture")
        var request = HTTPRequest(.get, "https://a.blob.core.windows.net/c/%C3%A9?b=2&X=%2B&b=1&y")
        request.headers = [("Range", "bytes=0-9"), ("x-ms-version", "v"), ("X-Ms-Date", "d")]
        #expect(
            key.stringToSign(request, bodyCount: nil)
                == "GET\n\n\n\n\n\n\n\n\n\n\nbytes=0-9\nx-ms-date:d\nx-ms-version:v\n/a/c/%C3%A9\nb:1,2\nx:+\ny:"
        )
    }

    @Test func `are made with keys that are base64, and no error tells one`() {
        for text in ["", "no base64!", "canary"] {
            let error = #expect(throws: CredentialError.self) {
                try AzureSharedKey(account: "a", key: text, origin: "AZURE_STORAGE_KEY")
            }
            #expect(error?.code == .invalid)
            #expect(error?.description == "AZURE_STORAGE_KEY is not an account key: those are base64")
        }
    }
}
