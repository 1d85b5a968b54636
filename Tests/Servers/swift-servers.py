"""OpenStack Swift in one process: a proxy with the S3 interface, an account, a container and an object server.

usage: swift-servers.py DIRECTORY PORT, and the secret key of the user tests:tests on standard input

Debian's packages of the daemons bring a memcached, an rsync and a syslog with them, and start them. The library alone,
python3-swift, holds all four servers: they are loaded here as those daemons load them, and share a thread.
"""

import os
import sys

import eventlet

eventlet.monkey_patch(all=False, socket=True, select=True, time=True)

from eventlet import wsgi
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingBuilder
from swift.common.wsgi import loadapp

SWIFT_CONF = """
[swift-hash]
swift_hash_path_prefix = ringvault
swift_hash_path_suffix = tests
[storage-policy:0]
name = one
default = yes
"""

STORAGE_CONF = """
[DEFAULT]
swift_dir = {directory}
devices = {directory}
mount_check = false
disable_fallocate = true
log_address = {directory}/no-syslog
[app:main]
use = egg:swift#{kind}
"""

# The order of the pipeline is that of Swift's own example, etc/proxy-server.conf-sample.
PROXY_CONF = """
[DEFAULT]
swift_dir = {directory}
log_address = {directory}/no-syslog
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats bulk s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_tests_tests = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = localhost
"""
PROXY_CONF += "".join(
    f"[filter:{name}]\nuse = egg:swift#{name}\n"
    for name in ["catch_errors", "gatekeeper", "healthcheck", "listing_formats", "bulk", "copy", "slo", "dlo"]
)


class Cache:
    """What Swift asks of a memcached. Nothing in it becomes too old in the time that tests take."""

    def __init__(self):
        self.values = {}

    def get(self, key, raise_on_error=False):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def incr(self, key, delta=1, **_):
        self.values[key] = max(0, self.values.get(key, 0) + delta)
        return self.values[key]

    def delete(self, key, server_key=None):
        self.values.pop(key, None)


def serve(listener, app):
    """Answers in green threads of their own, until the process ends."""
    eventlet.spawn(wsgi.server, listener, app, open(os.devnull, "w"), protocol=SwiftHttpProtocol,
                   capitalize_response_headers=False, custom_pool=eventlet.GreenPool(1024))


def main(directory, port):
    secret = sys.stdin.readline().strip()
    os.makedirs(f"{directory}/device")

    def write(name, text):
        with open(f"{directory}/{name}.conf", "w") as file:
            file.write(text)
        return file.name

    from swift.common import utils
    utils.SWIFT_CONF_FILE = write("swift", SWIFT_CONF)
    utils.validate_hash_conf()

    for kind in ["account", "container", "object"]:
        # The kernel's choice of a port is kept from here on.
        listener = eventlet.listen(("127.0.0.1", 0))
        ring = RingBuilder(part_power=4, replicas=1, min_part_hours=1)
        ring.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": listener.getsockname()[1],
                      "device": "device", "weight": 1})
        ring.rebalance()
        ring.get_ring().save(f"{directory}/{kind}.ring.gz")
        serve(listener, loadapp(write(kind, STORAGE_CONF.format(directory=directory, kind=kind))))

    proxy = loadapp(write("proxy", PROXY_CONF.format(directory=directory, secret=secret)))
    cache = Cache()
    serve(eventlet.listen(("127.0.0.1", port), backlog=1024),
          lambda environment, start: proxy({**environment, "swift.cache": cache}, start))
    eventlet.Event().wait()


main(sys.argv[1], int(sys.argv[2]))
