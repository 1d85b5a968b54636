/// Sends requests over many connections at once, from leased memory and into it.
///
/// The actor runs on its curl loop's thread, so a call costs no lock and no further hop. A request that finds every
/// connection in use waits for its turn. Cancelling a task ends its request at once, with the code `.cancelled`,
/// unless the answer was there first. When a call returns, however it does, libcurl is done with its leases.
///
/// The thread and all connections end with the client.
package actor HTTPClient {
    nonisolated let loop: CurlLoop
    private let settings: HTTPSettings
    private var lastID: UInt64 = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    package init(_ settings: HTTPSettings = HTTPSettings()) {
        self.settings = settings
        loop = CurlLoop(settings)
    }

    deinit { loop.stop() }

    /// Sends a request without a body; the body of a success is discarded.
    package func send(_ request: HTTPRequest, progress: HTTPProgress? = nil) async throws(HTTPError) -> HTTPResponse {
        try await unsafe perform(request, body: nil, nil, into: .nowhere, progress).get()
    }

    /// Sends the filled bytes of `body`; the body of a success is discarded.
    package func send(
        _ request: HTTPRequest,
        body: borrowing BufferLease,
        progress: HTTPProgress? = nil
    ) async throws(HTTPError) -> HTTPResponse {
        try await unsafe perform(request, body: body.filled, body.early, into: .nowhere, progress).get()
    }

    /// Sends a request without a body and appends the body of a success to `response`.
    ///
    /// - Throws: `.responseTooLarge` if the lease has no room for it. A lease keeps its count when this throws.
    package func send(
        _ request: HTTPRequest,
        into response: inout BufferLease,
        progress: HTTPProgress? = nil
    ) async throws(HTTPError) -> HTTPResponse {
        let sink = unsafe ResponseSink(memory: response.free)
        let answer = try await unsafe perform(request, body: nil, nil, into: sink, progress).get()
        if answer.isSuccess { response.unsafeSetCount(response.count + answer.bodyCount) }
        return answer
    }

    /// Sends the filled bytes of `body` and appends the body of a success to `response`.
    ///
    /// - Throws: `.responseTooLarge` if the lease has no room for it. A lease keeps its count when this throws.
    package func send(
        _ request: HTTPRequest,
        body: borrowing BufferLease,
        into response: inout BufferLease,
        progress: HTTPProgress? = nil
    ) async throws(HTTPError) -> HTTPResponse {
        let sink = unsafe ResponseSink(memory: response.free)
        let answer = try await unsafe perform(request, body: body.filled, body.early, into: sink, progress).get()
        if answer.isSuccess { response.unsafeSetCount(response.count + answer.bodyCount) }
        return answer
    }

    /// Sends a request without a body and returns the body of a success in the response: for small documents.
    ///
    /// - Parameter limit: the most bytes that the document may have; more are `.responseTooLarge`.
    package func collect(_ request: HTTPRequest, atMost limit: Int) async throws(HTTPError) -> HTTPResponse {
        try await unsafe perform(request, body: nil, nil, into: ResponseSink(documentOfAtMost: limit), nil).get()
    }

    /// Sends the filled bytes of `body` and returns the body of a success in the response: for small documents.
    ///
    /// - Parameter limit: the most bytes that the document may have; more are `.responseTooLarge`.
    package func collect(
        _ request: HTTPRequest,
        body: borrowing BufferLease,
        atMost limit: Int
    ) async throws(HTTPError) -> HTTPResponse {
        try await unsafe perform(
            request,
            body: body.filled,
            body.early,
            into: ResponseSink(documentOfAtMost: limit),
            nil
        ).get()
    }

    /// - Parameters:
    ///   - body: valid, as is the memory of `sink`, until this returns: a lease borrowed by the caller.
    ///   - early: of that lease.
    private func perform(
        _ request: HTTPRequest,
        body: UnsafeRawBufferPointer?,
        _ early: EarlyReturn?,
        into sink: ResponseSink,
        _ progress: HTTPProgress?
    ) async -> Result<HTTPResponse, HTTPError> {
        if early?.hasLeft == true {
            return .failure(HTTPError(.connectionLost, request, "the body was sent once, and has to be made anew"))
        }
        if let fault = request.fault ?? settings.proxyFault { return .failure(HTTPError(.badRequest, request, fault)) }
        guard let origin = request.origin, unsafe request.method.sendsBody || body == nil else {
            return .failure(HTTPError(.badRequest, request, "\(request.method.rawValue) carries no body"))
        }
        lastID += 1
        let id = lastID
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // On the loop's thread, which also empties the mailbox of cancellations: one that comes after this
                // look at the flag finds the transfer submitted.
                if Task.isCancelled { return continuation.resume(returning: .failure(HTTPError(.cancelled, request))) }
                let transfer = unsafe Transfer(
                    id: id,
                    request: request,
                    origin: origin,
                    settings: settings,
                    body: body ?? UnsafeRawBufferPointer(start: nil, count: 0),
                    early: early,
                    sink: sink,
                    progress: progress,
                    continuation: continuation
                )
                loop.submit(transfer)
            }
        } onCancel: {
            loop.cancel(id)
        }
    }
}

extension BufferLease {
    /// The filled bytes.
    ///
    /// Valid while the lease is borrowed.
    fileprivate var filled: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(unsafeMemory)[..<count])
    }

    /// The bytes after the filled ones.
    ///
    /// Valid while the lease is borrowed.
    fileprivate var free: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(unsafeMemory)[count...])
    }
}
