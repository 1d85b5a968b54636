extension FakeCloud {
    /// The access key of the account that owns the bucket.
    package static let accessKey = "AKIDEXAMPLE"
    package static let secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    /// Keys as AWS's identity services give them out.
    package struct TemporaryKeys: Sendable, Hashable {
        package let accessKey: String
        package let secretKey: String
        package let sessionToken: String
        /// In seconds since 1970.
        package let expiry: Int64
    }
}
