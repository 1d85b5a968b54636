import Glibc
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `HMAC-SHA-256` {
    struct Vector: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        let code: String
    }

    /// RFC 4231, test cases 1 to 4, 6 and 7; case 5 is a cut code.
    static let vectors = [
        Vector(
            key: [UInt8](repeating: 0x0B, count: 20),
            message: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        Vector(
            key: Array("Jefe".utf8),
            message: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 20),
            message: [UInt8](repeating: 0xDD, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        Vector(
            key: (1...25).map { UInt8($0) },
            message: [UInt8](repeating: 0xCD, count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 131),
            message: Array(
                """
                This is a test using a larger than block-size key and a larger than block-size data. The key needs to be \
                hashed before being used by the HMAC algorithm.
                """.utf8
            ),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: vectors) func `gives the published codes`(vector: Vector) {
        #expect(HMACSHA256.code(of: vector.message.span, key: vector.key.span).description == vector.code)
        var pieces = HMACSHA256(key: vector.key.span)
        for _ in 0..<2 {
            for byte in vector.message { pieces.update([byte].span) }
            let code = pieces.finish()
            #expect(code.description == vector.code)
        }
    }

    /// The example of Amazon's "Examples of how to derive a signing key for Signature Version 4".
    @Test func `chains to the signing key that Amazon publishes`() {
        var key = Array("AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".utf8)
        for part in ["20120215", "us-east-1", "iam", "aws4_request"] { key = HMACSHA256.code(of: part, key: key).bytes }
        #expect(Base16.text(of: key) == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d")
    }

    /// The key sizes around a block, where RFC 2104 changes its way, against OpenSSL's program.
    @Test(.enabled(if: CommandLineTool.isInstalled("openssl")), arguments: [1, 63, 64, 65])
    func `agrees with openssl around the size of a block`(size: Int) throws {
        try withTemporaryDirectory { directory in
            let key = [UInt8](repeating: 0x61, count: size)
            let code = HMACSHA256.code(of: "message", key: key)
            let line = """
                test "$(printf message | openssl dgst -sha256 -mac HMAC -macopt hexkey:\(Base16.text(of: key)) -r)" \
                = "\(code) *stdin"
                """
            #expect(CommandLineTool.run(line))
        }
    }
}

@Suite struct `MD5 digests` {
    /// RFC 1321, appendix A.5.
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        (
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "d174ab98d277d9f5a5611c2c9f419d9f"
        ),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"
        ),
    ])
    func `gives the published digests`(message: String, digest: String) {
        #expect(Base16.text(of: MD5.digest(of: Array(message.utf8).span)) == digest)
    }
}

@Suite struct `An RS256 key` {
    /// A key made by openssl, in a file of `directory`, and its public half in `public.pem`.
    static func key(_ options: String, in directory: FilePath) throws -> String {
        let made = CommandLineTool.run(
            """
            cd '\(directory)' && openssl \(options) > key.pem 2> /dev/null \
            && openssl pkey -in key.pem -passin pass:x -pubout -out public.pem 2> /dev/null
            """
        )
        try #require(made)
        return try String(decoding: bytes(of: directory.appending("key.pem")), as: UTF8.self)
    }

    static func bytes(of path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly)
        return try file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = try unsafe bytes.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
            return Array(bytes[..<count])
        }
    }

    @Test(
        .enabled(if: CommandLineTool.isInstalled("openssl")),
        arguments: ["genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", "genrsa -traditional 2048"]
    )
    func `signs what openssl verifies, with either form of key`(options: String) throws {
        try withTemporaryDirectory { directory in
            let pem = try Self.key(options, in: directory)
            #expect(pem.contains("BEGIN RSA") == options.contains("traditional"))
            let key = try RS256(pem: pem)
            let message = "eyJhbGciOiJSUzI1NiJ9.e30"
            let signature = try key.sign(message)
            #expect(signature.count == 256)
            // PKCS #1 v1.5 has no randomness.
            #expect(try key.sign(message) == signature)
            #expect(try key.sign(message + ".") != signature)
            try makeFile(directory.appending("signature"), signature)
            try makeFile(directory.appending("message"), Array(message.utf8))
            let verify = "openssl dgst -sha256 -verify public.pem -signature signature message > /dev/null 2>&1"
            #expect(CommandLineTool.run("cd '\(directory)' && \(verify)"))
            try makeFile(directory.appending("message2"), Array("another".utf8))
            #expect(!CommandLineTool.run("cd '\(directory)' && \(verify)2"))
            #expect("\(key)" == "an RSA private key")
        }
    }

    /// Among them one with a password, for which OpenSSL must not ask the terminal.
    @Test(
        .enabled(if: CommandLineTool.isInstalled("openssl")),
        arguments: [
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -aes256 -pass pass:x",
        ]
    )
    func `refuses other keys, and says nothing of them`(options: String) throws {
        try withTemporaryDirectory { directory in
            let pem = try Self.key(options, in: directory)
            let error = try #require(throws: CodecError.self) { try RS256(pem: pem) }
            let text = "\(error)"
            #expect(text.hasPrefix("cannot read the private key: "))
            #expect(pem.split(separator: "\n").allSatisfy { !text.contains($0) })
        }
    }

    @Test(arguments: ["", "secret", "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n"])
    func `refuses what is no key, and does not repeat it`(pem: String) throws {
        let error = try #require(throws: CodecError.self) { try RS256(pem: pem) }
        #expect(!"\(error)".contains("secret"))
    }
}

@Suite struct `Bytes as text` {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
        ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"), ("foobar", "Zm9vYmFy", "666f6f626172"),
    ])
    func `are as published`(text: String, base64: String, base16: String) {
        let bytes = Array(text.utf8)
        #expect(Base64.text(of: bytes) == base64)
        #expect(Base64.bytes(of: base64) == bytes)
        #expect(Base64.urlText(of: bytes) == base64.filter { $0 != "=" })
        #expect(Base16.text(of: bytes) == base16)
    }

    @Test func `have every digit and letter`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base16.text(of: bytes).hasSuffix("f8f9fafbfcfdfeff"))
        #expect(Base64.text(of: [0xFB, 0xEF, 0xFF]) == "++//")
        #expect(Base64.urlText(of: [0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64.bytes(of: Base64.text(of: bytes)) == bytes)
    }

    @Test(arguments: ["Zg", "Zg=", "Z", "Zm9v\n", "Zm 9v", "--__", "Zm9v="]) func `are not read from other text`(
        text: String
    ) {
        #expect(Base64.bytes(of: text) == nil)
    }
}
