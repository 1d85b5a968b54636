#!/usr/bin/env python3
"""Uploads a directory to a bucket by Amazon's Common Runtime, as boto3 does where its transfer client is "crt".

usage: upload-crt.py [--endpoint URL] [--without-checksum] DIRECTORY BUCKET PREFIX
       upload-crt.py --version

boto3 itself uses the runtime for Amazon's endpoints only, and over TLS only, so its parts are put together here: the
serializer of botocore, the transfer manager of s3transfer. All is as they have it by default: part size, connections and a
CRC-32 in each request's trailer. Gateways that know no trailers need --without-checksum.
"""
import argparse
import os
import sys

import awscrt.s3
import botocore.session
import s3transfer
from s3transfer import crt


def version():
    return f"awscrt {awscrt.__version__}, s3transfer {s3transfer.__version__}, botocore {botocore.__version__}"


class WithoutChecksum(crt.S3ClientArgsCreator):
    def get_make_request_args(self, *args, **kwargs):
        request = super().get_make_request_args(*args, **kwargs)
        request["checksum_config"] = None
        return request


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", action="version", version=version())
    parser.add_argument("--endpoint")
    parser.add_argument("--without-checksum", action="store_true")
    parser.add_argument("directory")
    parser.add_argument("bucket")
    parser.add_argument("prefix")
    options = parser.parse_args()

    session = botocore.session.Session()
    region = session.get_config_variable("region") or "us-east-1"
    credentials = crt.BotocoreCRTCredentialsWrapper(session.get_credentials())
    serializer = crt.BotocoreCRTRequestSerializer(
        session, {"region_name": region, "endpoint_url": options.endpoint}
    )
    client = crt.create_s3_crt_client(
        region,
        crt_credentials_provider=credentials.to_crt_credentials_provider(),
        use_ssl=not (options.endpoint or "https:").startswith("http:"),
    )
    if options.without_checksum:
        crt.S3ClientArgsCreator = WithoutChecksum
    futures = []
    with crt.CRTTransferManager(client, serializer) as manager:
        for directory, _, names in os.walk(options.directory):
            for name in names:
                path = os.path.join(directory, name)
                key = f"{options.prefix}/{os.path.relpath(path, options.directory)}"
                futures.append(manager.upload(path, options.bucket, key))
        for future in futures:
            future.result()


sys.exit(main())
