package import TransferEngine

/// How one provider's requests are authorised, and what its answers mean.
package protocol StoreDialect: Sendable {
    /// Adds to a request what proves who asks: a signature or a token, as of this moment.
    ///
    /// Called for every attempt. What is in the request already is what will be sent.
    ///
    /// - Parameter bodyCount: bytes of the body; nil for a request without one.
    /// - Returns: which credentials were used, for `renew`.
    func authorize(
        _ request: inout HTTPRequest,
        bodyCount: Int?
    ) async throws(CredentialError) -> CredentialGeneration

    /// Does what a refusal's remedy is, before the request is made once more.
    func remedy(_ refusal: StoreRefusal, _ response: HTTPResponse, used: CredentialGeneration) async

    /// Why the store did not do it; nil if it did.
    ///
    /// Also looks into the body of a success that was collected, where a provider hides errors there.
    func refusal(_ response: HTTPResponse) -> StoreRefusal?
}
