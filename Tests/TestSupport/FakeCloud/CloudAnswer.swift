/// What is sent back for a request.
struct CloudAnswer {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// Whether the body goes out in chunks, as the services do with documents whose length they do not know beforehand.
    var isChunked = false
    /// For HEAD: the length of the body that is not sent.
    var statedLength: Int?

    static func reason(_ status: Int) -> String {
        let reasons = [
            200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
            301: "Moved Permanently",
            304: "Not Modified", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
            404: "Not Found", 409: "Conflict", 411: "Length Required", 412: "Precondition Failed",
            416: "Requested Range Not Satisfiable", 429: "Too Many Requests", 500: "Internal Server Error",
            501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
        ]
        return reasons[status] ?? "Status"
    }
}

/// Why a service does not do what was asked; each dialect writes it in its own form.
struct CloudRefusal: Error {
    var status: Int
    /// As the service names it: `SignatureDoesNotMatch`.
    var code: String
    var message: String
    var headers: [(name: String, value: String)] = []
    /// What else the error document says, as names and values.
    var details: [(name: String, value: String)] = []

    init(
        _ status: Int,
        _ code: String,
        _ message: String,
        headers: [(name: String, value: String)] = [],
        details: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.details = details
    }
}
