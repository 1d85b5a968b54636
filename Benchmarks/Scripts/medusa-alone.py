#!/usr/bin/env python3
"""Runs cassandra-medusa where there is no Cassandra: `medusa-alone.py ARGUMENT...` is `medusa ARGUMENT...`.

It would ask the node for its schema, tokens and version over CQL, and nothing else when the snapshot is there already
(--use-existing-snapshot). Those three questions are answered here, at once; all other code is Medusa's own.
"""
import sys

# First, since it replaces what others import, sockets and threads among them.
from medusa.medusacli import cli
import medusa.cassandra_utils


class Session:
    """Answers as a ring of one node."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def dump_schema(self):
        return "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'};"

    def tokenmap(self):
        return {"node": {"tokens": [0], "is_up": True, "rack": "rack1", "dc": "datacenter1"}}

    def get_server_type_and_release_version(self):
        return "cassandra", "4.1.7"


medusa.cassandra_utils.CqlSessionProvider.new_session = lambda self, retry=False: Session()
sys.exit(cli())
