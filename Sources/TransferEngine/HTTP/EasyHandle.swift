internal import CCurl

/// One libcurl easy handle, its error text and its list of headers; all are freed when the object ends.
///
/// A class where a `~Copyable` struct would do better: idle handles wait in an array, which cannot hold such values.
/// Whoever takes one from the array is its only user. Not Sendable: it stays on the loop's thread.
@safe
final class EasyHandle {
    /// What libcurl refused to set.
    struct Refusal: Error, CustomStringConvertible {
        let code: CURLcode
        let option: CURLoption

        var description: String { "libcurl refused option \(option.rawValue)" }
    }

    let raw: UnsafeMutableRawPointer
    /// CURLOPT_ERRORBUFFER: libcurl writes to it until the handle is cleaned up.
    private let text: UnsafeMutablePointer<CChar>
    /// CURLOPT_HTTPHEADER and CURLOPT_RESOLVE: libcurl reads them during the transfer and does not free them.
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var addresses: UnsafeMutablePointer<curl_slist>?

    /// Fails if there is no memory.
    init?() {
        guard let raw = unsafe curl_easy_init() else { return nil }
        unsafe self.raw = raw
        unsafe text = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(raw)
        freeLists()
        unsafe text.deallocate()
    }

    /// Forgets every option; connections and sessions are the multi handle's and stay.
    func reset() {
        unsafe curl_easy_reset(raw)
        freeLists()
        unsafe text.pointee = 0
    }

    private func freeLists() {
        unsafe curl_slist_free_all(headers)
        unsafe curl_slist_free_all(addresses)
        unsafe headers = nil
        unsafe addresses = nil
    }

    func set(_ option: CURLoption, _ value: Int) throws(Refusal) {
        try check(unsafe ccurl_set_long(raw, option, value), option)
    }

    func set(_ option: CURLoption, offset value: Int) throws(Refusal) {
        try check(unsafe ccurl_set_offset(raw, option, curl_off_t(value)), option)
    }

    func set(_ option: CURLoption, _ value: String) throws(Refusal) {
        try check(unsafe ccurl_set_string(raw, option, value), option)
    }

    /// Takes back a text that libcurl has by itself.
    func clear(_ option: CURLoption) throws(Refusal) {
        try check(unsafe ccurl_set_string(raw, option, nil), option)
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(Refusal) {
        try check(unsafe ccurl_set_pointer(raw, option, pointer), option)
    }

    /// Has libcurl write its words about a failure where `words` reads them.
    func keepWords() throws(Refusal) {
        try unsafe set(CURLOPT_ERRORBUFFER, pointer: text)
    }

    /// Sends these lines; in libcurl's notation: "Name: value", "Name;" for an empty value, "Name:" to leave out.
    func setHeaders(_ lines: [String]) throws(Refusal) {
        try unsafe append(lines, to: &headers, CURLOPT_HTTPHEADER)
        try check(unsafe ccurl_set_list(raw, CURLOPT_HTTPHEADER, headers), CURLOPT_HTTPHEADER)
    }

    /// Has names looked up in these lines first: "host:port:address,address".
    func setAddresses(_ lines: [String]) throws(Refusal) {
        try unsafe append(lines, to: &addresses, CURLOPT_RESOLVE)
        try check(unsafe ccurl_set_list(raw, CURLOPT_RESOLVE, addresses), CURLOPT_RESOLVE)
    }

    private func append(
        _ lines: [String],
        to list: inout UnsafeMutablePointer<curl_slist>?,
        _ option: CURLoption
    ) throws(Refusal) {
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                throw Refusal(code: CURLE_OUT_OF_MEMORY, option: option)
            }
            unsafe list = longer
        }
    }

    func check(_ code: CURLcode, _ option: CURLoption) throws(Refusal) {
        guard code == CURLE_OK else { throw Refusal(code: code, option: option) }
    }

    /// Pauses the directions that are to be, and lets the others go on; callbacks may run in here.
    ///
    /// Returns why the transfer is to end, if one of them said so.
    func pause(sending: Bool, receiving: Bool) -> CURLcode {
        let code = unsafe curl_easy_pause(raw, (sending ? CURLPAUSE_SEND : 0) | (receiving ? CURLPAUSE_RECV : 0))
        // There is no connection: it is being replaced, and nothing is paused on a new one.
        return code == CURLE_BAD_FUNCTION_ARGUMENT ? CURLE_OK : code
    }

    /// Has libcurl close the connection at the transfer's end; it asks for this only then.
    func closeConnectionAtEnd() {
        _ = unsafe ccurl_set_long(raw, CURLOPT_FORBID_REUSE, 1)
    }

    /// Body bytes sent, as libcurl counts them: those that a socket has taken.
    var uploadedBytes: Int {
        var count: curl_off_t = 0
        _ = unsafe ccurl_get_offset(raw, CURLINFO_SIZE_UPLOAD_T, &count)
        return Int(count)
    }

    /// How many connections had to be made: none if one was reused, or if it did not come to that.
    var connectionsMade: Int {
        var made = 0
        _ = unsafe ccurl_get_long(raw, CURLINFO_NUM_CONNECTS, &made)
        return made
    }

    /// libcurl's words about the last failure: what it wrote about this transfer, and what the code means in general.
    func words(for code: CURLcode) -> String {
        let general = unsafe String(cString: curl_easy_strerror(code))
        let particular = unsafe String(cString: text)
        return particular.isEmpty || particular == general ? general : "\(general): \(particular)"
    }
}
