import Testing

/// Requests as botocore 1.44.5 signs them with the fake cloud's keys at 2026-11-20 21:00:00 UTC.
struct SignedRequest: Sendable, CustomTestStringConvertible {
    let method: String
    /// Scheme and host, which the request is not sent to, and the target.
    let url: String
    var region = "us-east-1"
    var body = ""
    /// Besides Host and X-Amz-Date.
    var headers: [String: String] = [:]

    var testDescription: String { "\(method) \(url)" }
    var host: String { String(url.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }) }
    var target: String { String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }) }

    /// In seconds since 1970.
    static let time: Int64 = 1_795_208_400
    static let date = "20261120T210000Z"

    static let byBotocore: [SignedRequest] = [
        SignedRequest(
            method: "GET",
            url: "https://bucket.s3.us-east-1.amazonaws.com/a",
            headers: [
                "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=7a56455c834d96254534367bd2bbf2605cf2a424c2f329e505dd7fb935bebdd2
                """,
            ]
        ),
        SignedRequest(
            method: "GET",
            url: "https://bucket.s3.us-east-1.amazonaws.com/l/x%20y%2Bz%25%C3%A9",
            headers: [
                "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=caebd4ec1acf96320defccfe00b51b3f70d4cd3e7ca7c76e0a16aa5158648283
                """,
            ]
        ),
        SignedRequest(
            method: "GET",
            url: """
                https://bucket.s3.us-east-1.amazonaws.com/?list-type=2&prefix=l%2F&delimiter=%2F&max-keys=\
                10&continuation-token=a%2Bb%3D%3D
                """,
            headers: [
                "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=5b7f73ddc5eefdd2d2724a13995d441c50490bb31d57b55059a0e3dc1d4a821f
                """,
            ]
        ),
        SignedRequest(
            method: "PUT",
            url: "https://bucket.s3.us-east-1.amazonaws.com/a",
            body: "hello",
            headers: [
                "Content-Type": "application/octet-stream",
                "x-amz-meta-b": "a   b",
                "If-None-Match": "*",
                "X-Amz-Content-SHA256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=content-type;host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-meta-b, \
                Signature=88892fd36eebfd80506db5751b6ca1643fab829c30936772806d0a9cfb7ab843
                """,
            ]
        ),
        SignedRequest(
            method: "POST",
            url: "https://bucket.s3.us-east-1.amazonaws.com/a?uploads",
            headers: [
                "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=f2d7d2b277ecca08160a31b97ceaa11ff12d1ce6774c5edf52f1b510070b97ec
                """,
            ]
        ),
        SignedRequest(
            method: "PUT",
            url: "https://bucket.s3.us-east-1.amazonaws.com/a?partNumber=1&uploadId=x%2Fy",
            body: "part",
            headers: [
                "X-Amz-Content-SHA256": "37a680133bd09342f934afb8dd2c7d9e1b624da5f35e3a38adb103e37c055ed1",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=52095c7b9a1bfc58c0920d120c1e5691e6419814e4b6333d473ab1761f8571e4
                """,
            ]
        ),
        SignedRequest(
            method: "GET",
            url: "https://bucket.s3.us-east-1.amazonaws.com/a",
            headers: [
                "Range": "bytes=0-9",
                "X-Amz-Security-Token": "SESSION/TOKEN==",
                "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token, \
                Signature=041dee82f7169e0d7436b5b31eee755db2799e0a7da5d66832400b34a3866eef
                """,
            ]
        ),
        SignedRequest(
            method: "GET",
            url: "http://127.0.0.1:9000/bucket/a//b/./c",
            headers: [
                "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=0c91fddfb36b01b3a83dfadb16e9806fd35ddefe0f7caa1d8353b6a4e3323a13
                """,
            ]
        ),
        SignedRequest(
            method: "PUT",
            url: "https://bucket.s3.us-east-1.amazonaws.com/u",
            body: "x",
            headers: [
                "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/us-east-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=bff1f54a7f6227c79960ee6090ed2ae81987f2ceb902f64da5496c8f2f859b0c
                """,
            ]
        ),
        SignedRequest(
            method: "GET",
            url: "https://bucket.s3.us-east-1.amazonaws.com/a",
            region: "eu-north-1",
            headers: [
                "X-Amz-Content-SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "Authorization": """
                AWS4-HMAC-SHA256 \
                Credential=AKIDEXAMPLE/20261120/eu-north-1/s3/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                Signature=85257e4a522990f9496b22743cca8f8a8e60a3447441d596f97ecb8d4bd147e8
                """,
            ]
        ),
        SignedRequest(
            method: "GET",
            url: """
                https://bucket.s3.us-east-1.amazonaws.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credent\
                ial=AKIDEXAMPLE%2F20261120%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261120T210000Z&X-A\
                mz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=4d66a3ef77c60836f374d0ad4a0effd54\
                a42a8e1e3d75e50325abd3c5ae4466e
                """
        ),
    ]
}
