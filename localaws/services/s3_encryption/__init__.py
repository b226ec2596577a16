"""Amazon S3's encryption at rest: SSE-KMS and SSE-C, in memory and on disk.

What is to be encrypted under a key of KMS or of the customer's is encrypted before it
reaches moto and the journal, each object under a data key of its own. The envelope
stands in the object's metadata, so that it lives, moves and dies with the object.
SSE-S3 is told, and is nothing on disk: the keys would lie beside the data.
"""

from localaws.services.s3_encryption import (
    buckets,
    copying,
    reading,
    uploads,
    writing,
)

HANDLERS = {
    **buckets.HANDLERS,
    **copying.HANDLERS,
    **reading.HANDLERS,
    **uploads.HANDLERS,
    **writing.HANDLERS,
}
