internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine

/// Signatures as the providers' own SDKs compute them: `Tests/Fixtures/signatures`.
package enum SignatureFixture {
    package static func load<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        let tests = FilePath(#filePath).removingLastComponent().removingLastComponent()
        let path = tests.appending("Fixtures/signatures/\(name)")
        return try JSONDecoder().decode(type, from: Data(try SmallFile.bytes(of: path)))
    }
}
