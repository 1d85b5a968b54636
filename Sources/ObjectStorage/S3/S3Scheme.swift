/// The names that S3's protocol goes by: `s3` is Amazon unless an endpoint is given; the others always need one.
package enum S3Scheme: String, Sendable, CaseIterable {
    case s3
    case minio
    case ceph
    case oracle
}
