"""The stand-in's cqlsh, and the CQL it understands."""
