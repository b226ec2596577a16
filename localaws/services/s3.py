"""Amazon S3: new buckets encrypt what they store, as they do on AWS since 2023.

They block keys that customers send along, as they do since April 2026.
"""

from urllib.parse import unquote

from localaws.services.context import Context
from localaws.wire import Request


def encrypt_new_bucket(context: Context, request: Request) -> None:
    """Give a bucket that was just made the default encryption, SSE-S3."""
    context.aws.client("s3").put_bucket_encryption(
        Bucket=unquote(request.path.strip("/")),
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                    "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
                }
            ]
        },
    )


FOLLOWERS = {("s3", "CreateBucket"): encrypt_new_bucket}
