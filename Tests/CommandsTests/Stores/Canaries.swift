import TransferEngine

@testable import TestSupport

/// Secrets that must be found nowhere.
struct Canaries {
    /// The pieces that are looked for: a secret that is cut, or written percent-encoded, is still a secret told.
    private var pieces: Set<[UInt8]> = []

    private static let length = 12

    init(_ secrets: [String] = []) { for secret in secrets { add(secret) } }

    mutating func add(_ secret: String) {
        // A key file's lines, without those that every key file has.
        for line in secret.split(whereSeparator: \.isNewline) where !line.hasPrefix("-----") {
            for text in [Array(line.utf8), Array(PercentText.encode(line.utf8).utf8)] where text.count >= Self.length {
                for start in stride(from: 0, through: text.count - Self.length, by: Self.length) {
                    pieces.insert(Array(text[start..<start + Self.length]))
                }
            }
        }
    }

    /// What the identity services of a fake cloud have given out.
    mutating func add(givenOutBy cloud: FakeCloud) {
        let (keys, bearers) = cloud.withState { ($0.temporaryKeys.values, $0.bearers.keys) }
        for key in keys {
            add(key.secretKey)
            add(key.token)
        }
        for bearer in bearers { add(String(bearer.dropFirst("bearer.".count))) }
    }

    var isEmpty: Bool { pieces.isEmpty }

    /// The first piece that `bytes` hold.
    func found(in bytes: [UInt8]) -> String? {
        // One look at each place, whatever the number of pieces.
        let firsts = Set(pieces.map { $0[0] })
        guard bytes.count >= Self.length else { return nil }
        for start in 0...(bytes.count - Self.length) where firsts.contains(bytes[start]) {
            let piece = Array(bytes[start..<start + Self.length])
            if pieces.contains(piece) { return String(decoding: piece, as: UTF8.self) }
        }
        return nil
    }

    func found(in text: String) -> String? { found(in: Array(text.utf8)) }
}

extension FakeCloud {
    /// Its objects as a reader of the vault sees them: what is compressed by zstd is decompressed.
    func readableObjects() throws -> [String: [UInt8]] {
        try objects.merging(
            objects.filter { $0.key.hasSuffix(".zst") }.mapValues { frame in
                var decoder = try ZstdStreamDecoder()
                var text: [UInt8] = []
                var position = 0
                while try decoder.decode(frame.span, from: &position, into: &text) {}
                return text
            }
        ) { $1 }
    }
}
