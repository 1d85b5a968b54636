/// What one command took, with all processes that it started and waited for.
struct Usage: Sendable, Codable {
    /// Seconds from start to end.
    var wall: Double
    /// Seconds of all cores in the program itself.
    var user: Double
    /// Seconds of all cores in the kernel on its behalf.
    var system: Double
    /// The most memory one of its processes had resident, in bytes.
    var peakMemory: Int

    var cpu: Double { user + system }

    /// - Parameter line: what `Launcher` writes.
    /// - Returns: nil if it is no such line; `status` is as wait(2) has it.
    static func parsed(_ line: String) -> (status: Int, usage: Usage)? {
        let numbers = line.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
        guard numbers.count == 5 else { return nil }
        let usage = Usage(
            wall: Double(numbers[1]) / 1e6,
            user: Double(numbers[2]) / 1e6,
            system: Double(numbers[3]) / 1e6,
            peakMemory: numbers[4] << 10
        )
        return (numbers[0], usage)
    }
}
