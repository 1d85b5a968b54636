/// What a fault server does with a request.
package enum HTTPFaultScript: Sendable {
    /// Reads the request whole and answers it.
    case answer(Int, headers: [String] = [], body: [UInt8] = [])
    /// PUT keeps the body under its path; GET and HEAD give it back, DELETE forgets it. Nothing kept is a 404.
    case store
    /// Answers with the request's body.
    case echo
    /// Answers, then closes the connection without a word, as a server does to one that has been idle.
    case closeAfterAnswer
    /// Closes the connection as soon as it has read the head of a request that is not the connection's first.
    case closeSecondRequest
    /// Reads the request whole, writes these bytes, and closes.
    case raw([UInt8])
    /// States a length, sends fewer bytes, and resets the connection.
    case resetMidBody(stated: Int, sent: Int)
    /// Resets the connection instead of answering.
    case reset
    /// Answers after the head alone, without having read the body; reads on what still comes, but does not care.
    case early(Int, headers: [String] = [], body: [UInt8] = [])
    /// Answers after the head alone and closes at once, which resets the connection under the body that still comes.
    case earlyReset(Int)
    /// Reads the head and then nothing more.
    case stopReading
    /// Reads the request whole and never answers.
    case silence
    /// Answers with a body of which a byte comes every so many milliseconds.
    case trickle(count: Int, milliseconds: Int32)
    /// Answers with a stated half of a body, of which the second half never comes.
    case stall(stated: Int, sent: Int)
    /// Answers with so many bytes, stated or not.
    case huge(Int, isStated: Bool)
    /// Answers in chunks, with or without the last.
    case chunked([[UInt8]], isWhole: Bool)
    /// Answers with what the body says of the request and its body; called on a thread of the server's.
    case deciding(@Sendable (HTTPFaultServer.Seen, [UInt8]) -> (status: Int, body: [UInt8]))
    /// Answers after so many milliseconds.
    case slow(milliseconds: Int32, body: [UInt8])
}
