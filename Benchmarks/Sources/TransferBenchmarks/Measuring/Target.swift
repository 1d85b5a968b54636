/// The server that contenders of a section store on, as far as measuring asks it something.
protocol Target {
    /// Requests answered so far; nil where they cannot be counted.
    func requests() throws -> Requests?
    /// Bytes of all objects whose names begin so; nil where that cannot be told.
    func stored(_ prefix: String) throws -> Int?
    /// Makes room for the next contender.
    func clear() throws
}
