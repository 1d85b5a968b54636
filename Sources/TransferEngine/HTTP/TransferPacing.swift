/// What the rate limits let one transfer move, and which of its directions libcurl has paused because of them.
struct TransferPacing {
    private var upload: Allowance
    private var download: Allowance
    private(set) var isSendingHeld = false
    private(set) var isReceivingHeld = false

    init(_ settings: HTTPSettings) {
        upload = Allowance(of: settings.uploadLimit)
        download = Allowance(of: settings.downloadLimit)
    }

    var isHeld: Bool { isSendingHeld || isReceivingHeld }

    /// How many of `count` bytes may be sent now; 0 if libcurl is to pause.
    mutating func send(upTo count: Int) -> Int {
        let granted = upload.use(upTo: count)
        isSendingHeld = granted == 0
        return granted
    }

    /// Whether all of `count` bytes may be received now; if not, libcurl is to pause, and will bring them again.
    mutating func receive(_ count: Int) -> Bool {
        isReceivingHeld = download.use(upTo: count, atLeast: count) == 0
        return !isReceivingHeld
    }

    /// Lets go the directions whose limit allows it, and says how long the others wait; nil if none does.
    ///
    /// - Parameter isAnswered: nothing more will be sent, so a pause there only keeps libcurl from ending.
    mutating func release(isAnswered: Bool) -> Duration? {
        var shortest: Duration?
        if isSendingHeld {
            let wait = isAnswered ? .zero : upload.wait()
            if wait > .zero { shortest = wait } else { isSendingHeld = false }
        }
        if isReceivingHeld {
            let wait = download.wait()
            if wait > .zero { shortest = min(shortest ?? wait, wait) } else { isReceivingHeld = false }
        }
        return shortest
    }
}
