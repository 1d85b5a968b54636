internal import FoundationEssentials
package import TransferEngine

/// What is asked on a run's socket: one JSON object on a line.
package struct ControlRequest: Sendable, Hashable, Codable {
    package enum Action: String, Sendable, Hashable, Codable {
        case status
        case stop
        case limit
    }

    package var action: Action
    /// Of a stop; a pause where nothing is said.
    package var mode: StopRequest?
    /// Of a limit, in bytes a second, 0 for none; what is left out stays.
    package var read: Int64?
    package var upload: Int64?
    package var download: Int64?

    package init(_ action: Action) {
        self.action = action
    }

    /// The longest line that is read.
    static let maxBytes = 4096

    package init?(line: [UInt8]) {
        guard let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(line)) else { return nil }
        self = request
    }

    package var line: [UInt8] { ((try? JSONEncoder().encode(self)).map { Array($0) } ?? []) + [0x0A] }

    /// A rate as it stands in a request.
    package static func number(_ rate: DataRate) -> Int64 { rate.bytesPerSecond ?? 0 }

    /// Nil for nothing asked, and for what cannot be a rate.
    static func rate(_ number: Int64?) -> DataRate? {
        guard let number, number >= 0 else { return nil }
        return DataRate(bytesPerSecond: number == 0 ? nil : number)
    }
}

/// What is answered: one JSON object on a line.
package struct ControlAnswer: Sendable, Hashable, Codable {
    /// The run as it is after what was asked.
    package var run: RunState?
    /// Why it was not done.
    package var error: String?

    package init(run: RunState) { self.run = run }
    package init(error: String) { self.error = error }

    package init?(line: [UInt8]) {
        guard let answer = try? JSONDecoder().decode(ControlAnswer.self, from: Data(line)) else { return nil }
        self = answer
    }

    var line: [UInt8] { ((try? JSONEncoder().encode(self)).map { Array($0) } ?? []) + [0x0A] }
}
