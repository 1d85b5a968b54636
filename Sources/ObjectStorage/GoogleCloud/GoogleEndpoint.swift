/// Where the JSON API is, and the addresses of what it knows.
///
/// https://cloud.google.com/storage/docs/request-endpoints
struct GoogleEndpoint: Sendable {
    let url: ServiceURL
    private let bucket: String

    /// The setting first, then `STORAGE_EMULATOR_HOST`, which emulators and their clients agree on and which may lack its
    /// scheme; else Google's own.
    init(_ settings: StoreSettings, bucket: String) throws(StoreSettingsError) {
        self.bucket = PercentEncoding.encode(bucket)
        let emulator = settings.environment["STORAGE_EMULATOR_HOST"].flatMap { $0.isEmpty ? nil : $0 }
        let text =
            settings.endpoint
            ?? emulator.map { $0.contains("://") ? $0 : "http://\($0)" }
            ?? "https://storage.googleapis.com"
        guard let url = ServiceURL(text) else {
            throw StoreSettingsError("the endpoint of Google Cloud Storage is no address such as https://host:port")
        }
        self.url = url
    }

    /// Whether it is Google's own, also by a private address such as `storage-name.p.googleapis.com`.
    var isGoogle: Bool { url.isTLS && (url.host == "googleapis.com" || url.host.hasSuffix(".googleapis.com")) }

    /// An object; in its name also `/` is encoded.
    ///
    /// https://cloud.google.com/storage/docs/request-endpoints#encoding
    func object(_ name: String, _ query: [(name: String, value: String)]) -> String {
        address("/storage/v1/b/\(bucket)/o/\(PercentEncoding.encode(name))", query)
    }

    /// The bucket's listing.
    func objects(_ query: [(name: String, value: String)]) -> String { address("/storage/v1/b/\(bucket)/o", query) }

    func upload(_ query: [(name: String, value: String)]) -> String {
        address("/upload/storage/v1/b/\(bucket)/o", query)
    }

    private func address(_ path: String, _ query: [(name: String, value: String)]) -> String {
        "\(url.text)\(path)?\(PercentEncoding.query(query))"
    }
}
