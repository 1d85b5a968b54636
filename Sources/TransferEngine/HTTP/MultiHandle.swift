internal import CCurl

/// libcurl's multi handle with the share handle that its transfers use: the only owner of both.
///
/// The multi handle shares connections, host names and certificate stores among its transfers. TLS sessions it does
/// not share before libcurl 8.12, so a share handle does; without lock functions, since one thread uses it.
@safe
final class MultiHandle {
    /// How a transfer ended.
    struct Finished {
        let transfer: Transfer
        let code: CURLcode
    }

    /// `curl_global_init`, which is for once and, since libcurl 7.84, for any thread.
    private static let isLibcurlReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let raw: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer

    /// - Parameter connections: how many transfers may be under way at a time.
    init(connections: Int) {
        guard Self.isLibcurlReady, let raw = unsafe curl_multi_init(), let share = unsafe curl_share_init() else {
            preconditionFailure("libcurl could not be set up: out of memory")
        }
        unsafe self.raw = raw
        unsafe self.share = share
        // Left to itself, libcurl sizes its cache by the number of easy handles at the time, and closes warm
        // connections whenever that number falls. Above the peak, so that one host's idle ones need not go for another's.
        _ = unsafe ccurl_multi_set_long(raw, CURLMOPT_MAXCONNECTS, connections * 2)
        _ = unsafe ccurl_multi_set_long(raw, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        _ = unsafe ccurl_share(share, CURL_LOCK_DATA_SSL_SESSION)
    }

    /// Every easy handle that was added has been removed by now, and those that use the share handle are cleaned up.
    deinit {
        unsafe curl_multi_cleanup(raw)
        unsafe curl_share_cleanup(share)
    }

    func shareSessions(with easy: EasyHandle) throws(EasyHandle.Refusal) {
        try unsafe easy.set(CURLOPT_SHARE, pointer: share)
    }

    /// Starts a transfer; nil, or what libcurl has against it.
    func add(_ easy: EasyHandle) -> String? {
        let code = unsafe curl_multi_add_handle(raw, easy.raw)
        return code == CURLM_OK ? nil : unsafe String(cString: curl_multi_strerror(code))
    }

    /// Ends a transfer, finished or not; what is unfinished takes its connection with it.
    func remove(_ easy: EasyHandle) {
        _ = unsafe curl_multi_remove_handle(raw, easy.raw)
    }

    /// Moves whatever can move without waiting.
    ///
    /// Callbacks run in here, and in `EasyHandle.pause`; nowhere else.
    func perform() {
        var running: Int32 = 0
        _ = unsafe curl_multi_perform(raw, &running)
    }

    /// The next transfer that has ended; its easy handle is still to be removed.
    func nextFinished() -> Finished? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(raw, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
                continue
            }
            var context: UnsafeMutableRawPointer?
            _ = unsafe ccurl_get_pointer(easy, CURLINFO_PRIVATE, &context)
            return unsafe Finished(transfer: Transfer.from(context), code: ccurl_message_result(message))
        }
        return nil
    }

    /// Waits until a socket is ready, a timer of libcurl's ends, `wakeUp` is called, or so many milliseconds are over.
    func poll(milliseconds: Int32) {
        _ = unsafe curl_multi_poll(raw, nil, 0, milliseconds, nil)
    }

    /// Ends the wait in `poll`, or the next one: the one call that is allowed from any thread.
    func wakeUp() {
        _ = unsafe curl_multi_wakeup(raw)
    }
}
