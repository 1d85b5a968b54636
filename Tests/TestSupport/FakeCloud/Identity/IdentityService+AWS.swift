extension IdentityService {
    // MARK: The instance metadata service, version 2

    func imdsToken(_ state: inout CloudState) -> CloudAnswer {
        let ttl = request.header("X-aws-ec2-metadata-token-ttl-seconds").flatMap { Int64($0) }
        guard let ttl, (1...21_600).contains(ttl) else { return plain(400, "Bad Request") }
        guard request.header("X-Forwarded-For") == nil else { return plain(403, "Forbidden") }
        var answer = plain(200, state.makeBearer(["imds"], until: context.now + ttl))
        answer.headers.append(("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "\(ttl)"))
        return answer
    }

    private func hasIMDSToken(_ state: CloudState) -> Bool {
        // Version 1, which asks without a token, is refused.
        guard let token = request.header("X-aws-ec2-metadata-token"), let bearer = state.bearers[token] else {
            return false
        }
        return bearer.scopes == ["imds"] && context.now < bearer.expiry
    }

    func imdsRoles(_ state: CloudState) -> CloudAnswer {
        hasIMDSToken(state) ? plain(200, FakeCloud.role) : plain(401, "Unauthorized")
    }

    func imdsCredentials(_ state: inout CloudState) -> CloudAnswer {
        guard hasIMDSToken(state) else { return plain(401, "Unauthorized") }
        let keys = state.makeTemporaryKeys(until: expiry)
        return json(
            200,
            [
                ("Code", .string("Success")), ("LastUpdated", .string(UTCTime(context.now).extended(fraction: ""))),
                ("Type", .string("AWS-HMAC")), ("AccessKeyId", .string(keys.accessKey)),
                ("SecretAccessKey", .string(keys.secretKey)), ("Token", .string(keys.sessionToken)),
                ("Expiration", .string(UTCTime(keys.expiry).extended(fraction: ""))),
            ]
        )
    }

    // MARK: Containers of ECS and EKS

    func containerCredentials(_ state: inout CloudState) -> CloudAnswer {
        guard request.header("Authorization") == FakeCloud.containerToken else {
            return json(401, [("code", .string("InvalidToken")), ("message", .string("The token is not valid."))])
        }
        let keys = state.makeTemporaryKeys(until: expiry)
        return json(
            200,
            [
                ("RoleArn", .string(FakeCloud.roleARN)), ("AccessKeyId", .string(keys.accessKey)),
                ("SecretAccessKey", .string(keys.secretKey)), ("Token", .string(keys.sessionToken)),
                ("Expiration", .string(UTCTime(keys.expiry).extended(fraction: ""))),
            ]
        )
    }

    // MARK: The security token service

    func sts(_ state: inout CloudState) -> CloudAnswer {
        do throws(CloudRefusal) {
            // What stands in the URL, proxies and servers write into their logs.
            guard request.method == "POST", request.query.isEmpty, let form, form["Version"] == "2011-06-15" else {
                throw CloudRefusal(400, "ValidationError", "This is not a form of version 2011-06-15.")
            }
            guard form["RoleArn"] == FakeCloud.roleARN else {
                throw CloudRefusal(403, "AccessDenied", "Not authorized to perform sts:\(form["Action"] ?? "")")
            }
            let name = form["RoleSessionName"] ?? ""
            guard (2...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isSessionNameByte) else {
                throw CloudRefusal(400, "ValidationError", "The value at 'roleSessionName' is not valid.")
            }
            if let seconds = form["DurationSeconds"] {
                guard let seconds = Int(seconds), (900...43_200).contains(seconds) else {
                    throw CloudRefusal(400, "ValidationError", "The value at 'durationSeconds' is not valid.")
                }
            }
            let action = form["Action"] ?? ""
            switch action {
            case "AssumeRoleWithWebIdentity":
                guard request.header("Authorization") == nil, form["WebIdentityToken"] == state.identityToken else {
                    throw CloudRefusal(400, "InvalidIdentityToken", "The web identity token is not valid.")
                }
            case "AssumeRole":
                let known = state.temporaryKeys
                try SignatureV4(context: context, service: "sts") { S3Dialect.keys($0, known) }.check()
            default: throw CloudRefusal(400, "InvalidAction", "Could not find operation \(action)")
            }
            let keys = state.makeTemporaryKeys(until: expiry)
            let fields = [
                ("AccessKeyId", keys.accessKey), ("SecretAccessKey", keys.secretKey),
                ("SessionToken", keys.sessionToken), ("Expiration", UTCTime(keys.expiry).extended(fraction: "")),
            ]
            let credentials = fields.map { XMLText.element($0.0, $0.1) }.joined()
            let user =
                XMLText.element("Arn", "\(FakeCloud.roleARN)/\(name)") + XMLText.element("AssumedRoleId", "A:\(name)")
            return stsDocument(
                200,
                "\(action)Response",
                "<\(action)Result><AssumedRoleUser>\(user)</AssumedRoleUser><Credentials>\(credentials)</Credentials>"
                    + "</\(action)Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
            )
        } catch {
            let words = XMLText.element("Code", error.code) + XMLText.element("Message", error.message)
            let text = "<Error><Type>Sender</Type>\(words)</Error><RequestId>r-1</RequestId>"
            return stsDocument(error.status, "ErrorResponse", text)
        }
    }

    private func stsDocument(_ status: Int, _ root: String, _ text: String) -> CloudAnswer {
        CloudAnswer(
            status: status,
            headers: [("Content-Type", "text/xml"), ("x-amzn-RequestId", "r-1")],
            body: Array("<\(root) xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\(text)</\(root)>\n".utf8)
        )
    }

    private static func isSessionNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_+=,.@-".utf8.contains(byte)
        }
    }
}
