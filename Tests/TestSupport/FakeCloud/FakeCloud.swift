internal import Glibc
internal import TransferEngine

/// An object store on loopback that is strict and hostile: it speaks one of three dialects as its specification has it,
/// refuses what the service would refuse, and does to chosen requests what networks and stores have done to people.
///
/// It has nothing in common with the stores' clients: what it checks, it computes by itself. Each connection has a
/// thread of its own, never one of the cooperative pool. The identity services that give out credentials for its
/// dialect are on the same port.
package final class FakeCloud: Sendable {
    package enum Dialect: Sendable, CaseIterable {
        /// The S3 REST API; a host that is neither an address nor `localhost` begins with the bucket.
        case s3
        /// The Azure Blob REST API; a host that is neither an address nor `localhost` begins with the account.
        case azure
        /// The Google Cloud Storage JSON API.
        case googleCloud
    }

    /// The one bucket or container there is.
    package static let bucket = "vault"

    package let dialect: Dialect
    package let options: Options
    package let port: UInt16
    /// Every request as its head is read: what a test waits for instead of sleeping.
    ///
    /// For one reader.
    package let arrivals: AsyncStream<Request>
    private let arrivalsContinuation: AsyncStream<Request>.Continuation
    private let faults: (@Sendable (Request) -> Fault?)?
    private let listener: Int32
    private let state = ThreadLock(CloudState())
    private let threads = ThreadLock(Threads())

    private struct Threads {
        var accepting: [pthread_t] = []
        var serving: [pthread_t] = []
        /// Those that only need to be joined.
        var ended: [pthread_t] = []
        /// Open connections.
        var sockets: Set<Int32> = []
        var accepted = 0
        var isStopped = false
    }

    /// - Parameter faults: asked on the connection's thread, once for each request, when its head has been read.
    package init(
        _ dialect: Dialect,
        _ options: Options = Options(),
        faults: (@Sendable (Request) -> Fault?)? = nil
    ) {
        self.dialect = dialect
        self.options = options
        self.faults = faults
        (listener, port) = LoopbackSocket.listen()
        (arrivals, arrivalsContinuation) = AsyncStream.makeStream()
        threads.withLock { $0.accepting = [ServerThread.start { self.acceptAll() }] }
    }

    /// Where it listens: `http://127.0.0.1:port`; with the bucket or account before it, `vault.localhost:port` is as good.
    package var endpoint: String { "http://127.0.0.1:\(port)" }

    // MARK: What it holds

    /// The objects by their keys; of keys that Swift takes for equal, one.
    ///
    /// An object whose bytes are set keeps its time, ETag and checksums, as one that rots does; a new one gets its own.
    package var objects: [String: [UInt8]] {
        get {
            state.withLock { state in
                Dictionary(state.bucket.objects.map { ($0.key.text, $0.value.bytes) }) { first, _ in first }
            }
        }
        set {
            let now = options.now()
            state.withLock { state in
                for key in state.bucket.objects.keys where newValue[key.text] == nil { state.plant(nil, at: key, now) }
                for (text, bytes) in newValue where state.bucket[CloudKey(text)]?.bytes != bytes {
                    state.plant(bytes, at: CloudKey(text), now)
                }
            }
        }
    }

    /// One object, or nil; setting is as for `objects`, and nothing comes in between.
    package subscript(key: String) -> [UInt8]? {
        get { state.withLock { $0.bucket[CloudKey(key)]?.bytes } }
        set { state.withLock { $0.plant(newValue, at: CloudKey(key), options.now()) } }
    }

    /// What the client said of an object when it put it, by header names in lower case: `content-type`,
    /// `x-amz-storage-class`, `x-amz-meta-…`; nil without the object.
    package func headers(of key: String) -> [String: String]? {
        state.withLock { state in
            state.bucket[CloudKey(key)].map { Dictionary($0.headers.map { ($0.name, $0.value) }) { $1 } }
        }
    }

    // MARK: What happened

    /// Requests so far, in the order their heads were read.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// Answers so far with a status under 400.
    package var served: Int { state.withLock { $0.served } }

    /// Answers so far with a status of 400 or more.
    package var refused: Int { state.withLock { $0.refused } }

    /// Connections accepted so far.
    package var accepted: Int { threads.withLock { $0.accepted } }

    /// Connections that are open at this moment.
    package var open: Int { threads.withLock { $0.sockets.count } }

    /// Closes every connection and waits for every thread.
    package func stop() {
        let accepting = threads.withLock { threads in
            threads.isStopped = true
            for socket in threads.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
            defer { threads.accepting = [] }
            return threads.accepting
        }
        guard !accepting.isEmpty else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        for thread in accepting { pthread_join(thread, nil) }
        let serving = threads.withLock { $0.serving + $0.ended }
        for thread in serving { pthread_join(thread, nil) }
        close(listener)
        arrivalsContinuation.finish()
    }

    func withState<Result>(_ body: (inout CloudState) -> Result) -> Result { state.withLock { body(&$0) } }

    // MARK: For its connections

    /// Notes a request and asks what is to be done to it.
    func arrived(_ head: CloudConnection.Head, on connection: Int, _ indexOnConnection: Int) -> Request {
        let (operation, key) = classify(head)
        var request = state.withLock { state in
            let request = Request(
                index: state.requests.count,
                connection: connection,
                indexOnConnection: indexOnConnection,
                method: head.method,
                target: head.target,
                headers: head.headers,
                operation: operation,
                key: key,
                length: head.length
            )
            state.requests.append(request)
            return request
        }
        request.fault = faults?(request)
        state.withLock { $0.requests[request.index].fault = request.fault }
        arrivalsContinuation.yield(request)
        return request
    }

    /// Decides on a request, and does it.
    func answer(_ request: Request, _ body: [UInt8]) -> CloudAnswer {
        let now = options.now()
        return state.withLock { state in
            if request.operation != .put { state.requests[request.index].body = body }
            if let rate = options.requestRate, !state.takeToken(rate) {
                return render(slowDown(retryAfter: nil), request)
            }
            let context = CloudContext(request: request, body: body, now: now, options: options, endpoint: endpoint)
            if let identity = IdentityService.endpoint(request.method, request.path, dialect) {
                return IdentityService(context).answer(identity, &state)
            }
            do throws(CloudRefusal) {
                return switch dialect {
                case .s3: try S3Dialect(context).answer(&state)
                case .googleCloud: try GoogleDialect(context).answer(&state)
                case .azure: try AzureDialect(context).answer(&state)
                }
            } catch {
                return render(error, request)
            }
        }
    }

    /// Notes what became of a request.
    func answered(_ request: Request, with status: Int) {
        state.withLock { state in
            state.requests[request.index].status = status
            if status < 400 { state.served += 1 } else { state.refused += 1 }
        }
    }

    /// Writes a refusal as the dialect does.
    func render(_ refusal: CloudRefusal, _ request: Request) -> CloudAnswer {
        switch dialect {
        case .s3: S3Dialect.render(refusal, request)
        case .googleCloud: GoogleDialect.render(refusal, request)
        case .azure: AzureDialect.render(refusal, request)
        }
    }

    /// That there are too many requests, in the words of the dialect.
    func slowDown(retryAfter: Int?) -> CloudRefusal {
        let headers = retryAfter.map { [(name: "Retry-After", value: "\($0)")] } ?? []
        return switch dialect {
        case .s3: CloudRefusal(503, "SlowDown", "Please reduce your request rate.", headers: headers)
        case .azure:
            CloudRefusal(503, "ServerBusy", "The server is currently unable to receive requests.", headers: headers)
        case .googleCloud: CloudRefusal(503, "backendError", "Backend Error", headers: headers)
        }
    }

    private func classify(_ head: CloudConnection.Head) -> (Request.Operation, String?) {
        if IdentityService.endpoint(head.method, String(head.path), dialect) != nil { return (.token, nil) }
        return switch dialect {
        case .s3: S3Dialect.classify(head)
        case .googleCloud: GoogleDialect.classify(head)
        case .azure: AzureDialect.classify(head)
        }
    }

    // MARK: Threads

    private func acceptAll() {
        while true {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { return }
            let isServed = threads.withLock { threads in
                guard !threads.isStopped else { return false }
                let number = threads.accepted
                threads.accepted += 1
                threads.sockets.insert(socket)
                threads.serving.append(ServerThread.start { self.serve(socket, number) })
                return true
            }
            if !isServed { close(socket) }
            // Or a long test would hold a stack for each connection there was.
            let ended = threads.withLock { threads in
                defer { threads.ended = [] }
                return threads.ended
            }
            for thread in ended { pthread_join(thread, nil) }
        }
    }

    private func serve(_ socket: Int32, _ number: Int) {
        CloudConnection(socket, number, self).serve()
        // Under the lock, so that `stop` cannot shut down another file that got the same number.
        threads.withLock { threads in
            threads.sockets.remove(socket)
            _ = close(socket)
            let this = pthread_self()
            threads.serving.removeAll { $0 == this }
            threads.ended.append(this)
        }
    }
}
