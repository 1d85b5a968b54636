internal import Glibc

extension FakeCloud {
    /// How a fake cloud behaves towards every request, as kinds of stores differ.
    package struct Options: Sendable {
        package enum Checksum: String, Sendable, CaseIterable {
            case md5
            case crc32
            case crc32c
            case crc64nvme
            case sha1
            case sha256
        }

        /// What is done with an `x-amz-checksum-…` header of a kind that is not honoured.
        package enum UnknownChecksum: Sendable {
            case ignored
            /// 400 InvalidRequest
            case refused
            /// 501 NotImplemented
            case notImplemented
        }

        package enum Conditional: Sendable {
            case honoured
            /// The object is overwritten.
            case ignored
            /// 501 NotImplemented; Azure and Google Cloud, which know no such answer, honour it.
            case notImplemented
            /// Every second one gets 409 ConditionalRequestConflict, and is done when repeated; S3 alone.
            case conflictSometimes
        }

        package enum BatchDelete: Sendable {
            case works
            /// 501 NotImplemented
            case notImplemented
            /// As AWS does: 400 without a Content-MD5 or a checksum header.
            case needsDigest
        }

        package enum ETags: Sendable {
            case md5
            case random
        }

        /// A token bucket; what exceeds it is told to slow down.
        package struct RequestRate: Sendable {
            package var perSecond: Double
            package var burst: Double

            package init(perSecond: Double, burst: Double) {
                self.perSecond = perSecond
                self.burst = burst
            }
        }

        /// The most entries of a page of a listing, whatever the client asks for.
        package var pageLimit = 1000
        /// The service's clock, in seconds since 1970: for dates of requests, credentials and objects.
        package var now: @Sendable () -> Int64 = { Int64(time(nil)) }
        /// The region that S3 requests must be signed for.
        package var region = "us-east-1"
        /// Seconds that temporary credentials and tokens are good for.
        package var credentialLifetime: Int64 = 3600
        /// Whether S3 takes `UNSIGNED-PAYLOAD` over plain HTTP.
        package var acceptsUnsignedPayload = true
        /// The checksums that are verified; Content-MD5 always is.
        package var checksums = Set(Checksum.allCases)
        package var unknownChecksum = UnknownChecksum.ignored
        package var conditional = Conditional.honoured
        /// As a bucket with default retention: DELETE is 403, PUT without a digest 400.
        package var objectLock = false
        package var batchDelete = BatchDelete.needsDigest
        package var requestRate: RequestRate?
        /// Waited before each answer.
        package var latency = Duration.zero
        package var etags = ETags.md5
        /// Whether HEAD of an object is 501.
        package var refusesHead = false
        /// Whether objects of no bytes cannot be deleted: 403.
        package var keepsEmptyObjects = false
        /// Seconds that are added to every time of an object.
        package var modifiedSkew: Int64 = 0
        /// The requests after which a connection is closed without a word.
        package var requestsPerConnection: Int?
        /// What the restricted credential may do; nil: nothing.
        package var policy: Policy?
        /// How long a connection may be idle before it is closed without a word.
        package var idleLimit: Duration?

        package init() {}
    }
}
