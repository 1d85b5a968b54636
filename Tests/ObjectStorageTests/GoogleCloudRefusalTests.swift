import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `What Google Cloud refuses` {
    struct Case: Sendable, CustomTestStringConvertible {
        let status: Int
        let reason: String
        let message: String
        let code: StoreError.Code
        let told: String
        var testDescription: String { "\(status) \(reason)" }
    }

    private static func document(_ status: Int, _ reason: String, _ message: String) -> [UInt8] {
        let detail = #"{"message": "\#(message)", "domain": "global", "reason": "\#(reason)"}"#
        return Array(#"{"error": {"code": \#(status), "message": "\#(message)", "errors": [\#(detail)]}}"#.utf8)
    }

    /// The error of `call` to a store without credentials whose every answer is this.
    private static func error(
        _ script: HTTPFaultScript,
        _ call: (GoogleCloudStore) async throws -> Void = { _ = try await $0.bytes(.of("a/b")) }
    ) async throws -> StoreError {
        let server = HTTPFaultServer(["/": script])
        defer { server.stop() }
        var settings = StoreSettings()
        settings.endpoint = server.url("")
        let store = try GoogleCloudStore("gs", BucketLocation("vault", of: ""), settings, io: IOExecutor(threads: 1))
        do {
            try await call(store)
        } catch let error as StoreError {
            #expect(!error.description.contains("\n") && !error.description.contains("\r"))
            return error
        }
        throw NoError()
    }

    private struct NoError: Error {}

    @Test(arguments: [
        Case(status: 429, reason: "rateLimitExceeded", message: "Slow.", code: .throttled, told: "Slow."),
        Case(status: 503, reason: "backendError", message: "Later.", code: .throttled, told: "Later."),
        Case(status: 403, reason: "rateLimitExceeded", message: "Slow.", code: .throttled, told: "Slow."),
        Case(status: 403, reason: "userRateLimitExceeded", message: "Slow.", code: .throttled, told: "Slow."),
        Case(
            status: 500,
            reason: "internalError",
            message: "Oh.",
            code: .unavailable,
            told: "internalError: Oh. (HTTP 500)"
        ),
        Case(status: 502, reason: "backendError", message: "Oh.", code: .unavailable, told: "HTTP 502"),
        Case(status: 504, reason: "gatewayTimeout", message: "Oh.", code: .unavailable, told: "HTTP 504"),
        Case(status: 408, reason: "uploadBrokenConnection", message: "Oh.", code: .unavailable, told: "HTTP 408"),
        Case(
            status: 401,
            reason: "required",
            message: "Who?",
            code: .accessDenied,
            told: "GOOGLE_APPLICATION_CREDENTIALS"
        ),
        Case(status: 403, reason: "forbidden", message: "No.", code: .accessDenied, told: "roles/storage.objectAdmin"),
        Case(status: 403, reason: "insufficientPermissions", message: "No.", code: .accessDenied, told: "devstorage"),
        Case(
            status: 403,
            reason: "retentionPolicyNotMet",
            message: "No.",
            code: .accessDenied,
            told: "retention policy"
        ),
        Case(status: 403, reason: "objectUnderActiveHold", message: "No.", code: .accessDenied, told: "release it"),
        Case(status: 403, reason: "quotaExceeded", message: "No.", code: .refused, told: "raise the project's quota"),
        Case(
            status: 403,
            reason: "forbidden",
            message: "Permission denied on Cloud KMS key.",
            code: .accessDenied,
            told: "roles/cloudkms.cryptoKeyEncrypterDecrypter"
        ),
        Case(
            status: 404,
            reason: "notFound",
            message: "No such object: vault/a/b",
            code: .notFound,
            told: "No such object"
        ),
        Case(
            status: 404,
            reason: "notFound",
            message: "The specified bucket does not exist.",
            code: .noBucket,
            told: "create the bucket"
        ),
        Case(status: 412, reason: "conditionNotMet", message: "No.", code: .refused, told: "conditionNotMet"),
        Case(status: 400, reason: "invalid", message: "What?", code: .refused, told: "invalid: What? (HTTP 400)"),
        Case(status: 301, reason: "moved", message: "There.", code: .refused, told: "HTTP 301"),
    ])
    func `is told in our words and the service's`(refused: Case) async throws {
        let body = Self.document(refused.status, refused.reason, refused.message)
        let error = try await Self.error(
            .answer(refused.status, headers: ["X-GUploader-UploadID: upload-1"], body: body)
        )
        #expect(error.code == refused.code, "\(error)")
        #expect(error.description.contains(refused.told) || error.description.contains("request id"), "\(error)")
        #expect(error.description.hasPrefix("cannot get a/b: \(refused.code.rawValue): "))
        #expect(error.description.contains("request id upload-1"), "\(error)")
        #expect(error.description.contains(refused.message), "\(error)")
        if !refused.told.contains("HTTP") { #expect(error.description.contains(refused.told), "\(error)") }
    }

    @Test func `may be one sentence, or a page`() async throws {
        let sentence = try await Self.error(.answer(404, body: Array("No such object: vault/a/b".utf8)))
        #expect(sentence.description == "cannot get a/b: not found: No such object: vault/a/b (HTTP 404)")
        let page =
            "<!DOCTYPE html>\n<html><head>\n<title>502 Bad\r\nGateway</title></head><body><h1>nginx</h1></body></html>"
        let proxy = try await Self.error(.answer(502, body: Array(page.utf8)))
        #expect(
            proxy.description
                == "cannot get a/b: the store cannot be reached or failed: 502 Bad Gateway (HTTP 502)"
        )
        let odd = try await Self.error(.answer(404, body: Array("No such object: b/the bucket does not exist".utf8)))
        #expect(odd.code == .notFound)
        let bare = try await Self.error(.answer(500, body: Array("<p>Sorry,\n<b>broken</b></p>".utf8)))
        #expect(bare.description.hasSuffix(": Sorry, broken (HTTP 500)"))
        let nothing = try await Self.error(.answer(500))
        #expect(nothing.description.hasSuffix(": HTTP 500"))
    }

    @Test func `counts also under a status of success`() async throws {
        let cases = [
            (403, "forbidden", StoreError.Code.accessDenied), (503, "backendError", .throttled),
            (200, "", .unavailable),
        ]
        for (status, reason, code) in cases {
            let script = HTTPFaultScript.answer(200, body: Self.document(status, reason, "No."))
            let key = try ObjectKey("a")
            let calls: [@Sendable (GoogleCloudStore) async throws -> Void] = [
                { try await $0.delete(key) }, { _ = try await $0.put([1], key) }, { _ = try await $0.head(key) },
                { _ = try await $0.list(prefix: "", from: nil, limit: 1) },
            ]
            for call in calls {
                let error = try await Self.error(script, call)
                #expect(error.code == code, "\(error)")
            }
        }
    }

    @Test func `is waited for as long as it says`() async throws {
        let error = try await Self.error(.answer(429, headers: ["Retry-After: 17"]))
        #expect(error.retryAfter == .seconds(17))
    }

    @Test func `by lack of a bucket is an error of every verb, and no missing object`() async throws {
        let missing = HTTPFaultScript.answer(
            404,
            body: Self.document(404, "notFound", "The specified bucket does not exist.")
        )
        let key = try ObjectKey("a")
        let calls: [@Sendable (GoogleCloudStore) async throws -> Void] = [
            { _ = try await $0.head(key) }, { try await $0.delete(key) }, { _ = try await $0.put([1], key) },
            { _ = try await $0.list(prefix: "", from: nil, limit: 1) },
            { _ = try await $0.put([1], key, .onlyIfAbsent) },
        ]
        for call in calls {
            let error = try await Self.error(missing, call)
            #expect(error.code == .noBucket)
            #expect(error.description.contains("create the bucket"), "\(error)")
        }
    }

    @Test(arguments: ["", "{}", "null", "{\"size\": \"-1\"}", "{\"size\": 7}", "<html></html>"])
    func `but answers like nothing Google says is out of order`(body: String) async throws {
        let error = try await Self.error(.answer(200, body: Array(body.utf8))) { _ = try await $0.head(.of("a")) }
        #expect(error.code == .unavailable)
        if body.isEmpty { return }  // a page without an entry
        let list = "{\"items\": [\(body)]}"
        let listed = try await Self.error(.answer(200, body: Array(list.utf8))) {
            _ = try await $0.list(prefix: "", from: nil, limit: 1)
        }
        #expect(listed.code == .unavailable)
    }

    @Test func `by a token that has ended is asked once more with a new one`() async throws {
        try await `A Google Cloud store`.withStore { store, cloud in
            let key = try ObjectKey("a")
            _ = try await store.put([1], key)
            cloud.expireCredentials()
            #expect(try await store.bytes(key) == [1])
            #expect(cloud.refused == 1)
            #expect(cloud.requests.filter { $0.target == "/token" }.count == 2)
        }
    }

    @Test func `by a retention policy is a denied delete with the reason`() async throws {
        var options = FakeCloud.Options()
        options.objectLock = true
        try await `A Google Cloud store`.withStore(options) { store, _ in
            let key = try ObjectKey("a")
            _ = try await store.put([1], key)
            await expectError(.accessDenied) { try await store.delete(key) }
            let failures = try await store.delete([key, .of("none")])
            #expect(failures.map(\.key) == [key])
            #expect(failures.first?.error.description.contains("retention policy") == true)
        }
    }
}
