import Testing

/// A request as another program signs it with the fake cloud's keys at 2026-11-20 21:00:00 UTC.
struct SignedRequest: Sendable, CustomTestStringConvertible {
    let method: String
    /// Scheme and host, which the request is not sent to, and the target.
    let url: String
    var region = "us-east-1"
    var body = ""
    /// Besides Host, and X-Amz-Date of those for S3.
    var headers: [String: String] = [:]

    var testDescription: String { "\(method) \(url)" }
    var host: String { String(url.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }) }
    var target: String { String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }) }

    /// In seconds since 1970.
    static let time: Int64 = 1_795_208_400
    static let date = "20261120T210000Z"

    /// By botocore 1.44.5.
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

    /// With Shared Key, by azure-storage-blob 12.31.1.
    ///
    /// Of its vectors two are not here: one has a header that ends in a space, which HTTP does not carry; one repeats
    /// a parameter, of which the library signs the last alone and the service all.
    static let byAzure: [SignedRequest] = [
        SignedRequest(
            method: "GET",
            url: "https://devstoreaccount1.blob.core.windows.net/c/a",
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "Authorization": "SharedKey devstoreaccount1:tzGaa9cYbD9vXk050ObItIWqq0RCVLWgibNjzMEMK40=",
            ]
        ),
        SignedRequest(
            method: "GET",
            url: "https://devstoreaccount1.blob.core.windows.net/c/dir/x%20y%2Bz%25%C3%A9",
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "Authorization": "SharedKey devstoreaccount1:HQV6BcZW9ebS/6R5gKi9jQ/9pEMSWftGbBmq8abNdG8=",
            ]
        ),
        SignedRequest(
            method: "GET",
            url: """
                https://devstoreaccount1.blob.core.windows.net/c?restype=container&comp=list&prefix=a%2Fb&\
                maxresults=10&marker=m%3D%3D
                """,
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "Authorization": "SharedKey devstoreaccount1:iPafx/7lsvYQLgpVVoXxZYcXTIbqqtEki/JOVKEzdBg=",
            ]
        ),
        SignedRequest(
            method: "PUT",
            url: "https://devstoreaccount1.blob.core.windows.net/c/a?comp=block&blockid=MDAwMDAx",
            body: String(repeating: "0", count: 4_194_304),
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "Authorization": "SharedKey devstoreaccount1:lp9Njtoj6qeOHTISjO6BIkxnCZ79Vx/4kqdzDFXflYw=",
            ]
        ),
        SignedRequest(
            method: "PUT",
            url: "https://devstoreaccount1.blob.core.windows.net/c/a?comp=blocklist&timeout=30",
            body: String(repeating: "0", count: 120),
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "Content-Type": "application/xml",
                "If-Match": "\"0x1\"",
                "Authorization": "SharedKey devstoreaccount1:DjwkIsbmVDlCkFbF8SWEYIuXdV92uGB9WYIaGpajiq4=",
            ]
        ),
        SignedRequest(
            method: "GET",
            url: "https://devstoreaccount1.blob.core.windows.net/c/a",
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "x-ms-range": "bytes=10-19",
                "If-Modified-Since": "Fri, 20 Nov 2026 20:00:00 GMT",
                "Authorization": "SharedKey devstoreaccount1:BHvaxjxsN/qCS3CseS4v/w/2BfeG0Y0wMQ6m30Zq3uc=",
            ]
        ),
        SignedRequest(
            method: "PUT",
            url: "https://devstoreaccount1.blob.core.windows.net/c/empty",
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "x-ms-blob-type": "BlockBlob",
                "Authorization": "SharedKey devstoreaccount1:eOdIF7fKCyHcC7kgKNbQV+PjJ2hIHgdMt2LXkJZEPAQ=",
            ]
        ),
        SignedRequest(
            method: "DELETE",
            url: "https://devstoreaccount1.blob.core.windows.net/c/a",
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "x-ms-delete-snapshots": "include",
                "Authorization": "SharedKey devstoreaccount1:zbPLkK0c6GqdO9FIYCzpoMnH954G16Ur9zBZg2UkrC8=",
            ]
        ),
        SignedRequest(
            method: "GET",
            url: "http://127.0.0.1:10000/devstoreaccount1/c/a?comp=metadata",
            headers: [
                "x-ms-date": "Fri, 20 Nov 2026 21:00:00 GMT",
                "x-ms-version": "2021-12-02",
                "Authorization": "SharedKey devstoreaccount1:ITtyUZyvBVfmmlIcqkCHt2oxScLmMp3dYxQHkA6aRiE=",
            ]
        ),
    ]
}
