extension FakeCloud {
    /// A request whose head has been read.
    package struct Request: Sendable {
        package enum Operation: String, Sendable, CaseIterable {
            case put
            case get
            /// Of Google, a GET of the metadata.
            case head
            case delete
            case list
            case batchDelete
            /// Anything asked of an identity endpoint.
            case token
            case other
        }

        /// Counts requests from 0, in the order their heads were read.
        package let index: Int
        /// Counts connections from 0, in the order they were accepted.
        package let connection: Int
        /// Counts requests of the connection from 0.
        package let indexOnConnection: Int
        package let method: String
        /// As in the request line.
        package let target: String
        /// In order, names and values as they came.
        package let headers: [(name: String, value: String)]
        package let operation: Operation
        /// The key asked for; nil if the request concerns none, or one that is not UTF-8.
        ///
        /// Of a multipart upload to Google it stands in the body, so it is not there before that is read.
        package internal(set) var key: String?
        /// What came, of any request but a `put`, whose bodies are large.
        package internal(set) var body: [UInt8] = []
        /// Bytes of the body as `Content-Length` states them.
        package let length: Int?
        /// Of the answer; nil as long as none was decided on.
        package internal(set) var status: Int?
        /// What was done to it.
        package internal(set) var fault: Fault?

        /// The path as it was sent, without the query.
        package var path: String { String(target.prefix { $0 != "?" }) }

        /// The query as it was sent; empty if there is none.
        package var query: String { String(target.drop { $0 != "?" }.dropFirst()) }

        /// The parameters of the query, decoded.
        package var parameters: [(name: String, value: String)] { PercentText.pairs(query) ?? [] }

        /// The first parameter of this name.
        package func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

        /// The value of the first header of this name, in whatever case.
        package func header(_ name: String) -> String? {
            let name = name.lowercased()
            return headers.first { $0.name.lowercased() == name }?.value
        }
    }
}
