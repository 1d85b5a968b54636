/// What a server answered, whatever its status: a refusal is an answer, not an error of this layer.
package struct HTTPResponse: Sendable {
    /// The most bytes of an error's body that are kept.
    package static let errorBodyLimit = 64 * 1024

    /// 200 and up; interim answers are not delivered.
    package let status: Int
    package let headers: HTTPHeaders
    /// Bytes of the body that came; for a success all of them are in the lease or in `body`.
    package let bodyCount: Int
    /// The body of a success, if it was asked for as a document; else empty.
    package let body: [UInt8]
    /// The body of an answer of status 300 and up, cut at `errorBodyLimit`; never in the caller's lease.
    package let errorBody: [UInt8]
    /// Whether the connection had carried a request before.
    package let isOnReusedConnection: Bool

    /// Whether the status says that the request was done: 200 to 299.
    package var isSuccess: Bool { (200..<300).contains(status) }
}
