"""The key of KMS under which a job stores what it leaves in S3."""

from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import ValidationError
from localaws.loopback import Loopback, Session

_WRITES = ("PutObject", "CreateMultipartUpload")


def check_output_key(aws: Loopback, output: dict[str, Any]) -> None:
    """Raise `ValidationError` unless the key of an output can encrypt.

    Args:
        aws: Clients of this endpoint.
        output: Holds KmsKeyId, perhaps.
    """
    given = output.get("KmsKeyId")
    if not given:
        return
    try:
        key = aws.client("kms").describe_key(KeyId=given)["KeyMetadata"]
    except ClientError as error:
        said = error.response["Error"]["Message"]
        raise ValidationError(f"Invalid KMS key {given}: {said}") from error
    if key["KeySpec"] != "SYMMETRIC_DEFAULT" or key["KeyState"] != "Enabled":
        raise ValidationError(
            f"Invalid KMS key {given}: a symmetric encryption key that is enabled is "
            f"needed, found {key['KeySpec']}, {key['KeyState']}."
        )


def output_client(aws: Loopback, session: Session, output: dict[str, Any]) -> Any:
    """Return a client of S3 that stores under the key of an output.

    Args:
        aws: Clients of this endpoint.
        session: Credentials of the job's role, which needs the right to the key.
        output: Holds KmsKeyId, perhaps.
    """
    s3, key = aws.client("s3", session), output.get("KmsKeyId")

    def encrypt(params: dict[str, Any], **_: Any) -> None:
        params |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}

    if key:
        for operation in _WRITES:
            s3.meta.events.register(f"provide-client-params.s3.{operation}", encrypt)
    return s3
