"""A Kafka cluster in one process, for ordinary Kafka clients: topics, groups, offsets.

It keeps its records in files and knows nothing of AWS. The messages of the protocol are
kafka-python's; a record batch stays what the producer made it. Each broker is a port of
127.0.0.1. Partitions have leaders among the brokers, and one copy on disk, whatever
their replication factor. There are no transactions, no compaction, no TLS and no SASL.
"""

HOST = "127.0.0.1"
READY = "the cluster is ready:"
