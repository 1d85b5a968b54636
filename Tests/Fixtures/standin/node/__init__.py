"""A stand-in for one Cassandra node: its state, its files, and what nodetool does to them."""
