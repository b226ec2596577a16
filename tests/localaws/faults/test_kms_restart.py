"""F1 for keys, and what is encrypted under them: it opens again after a kill."""

from pathlib import Path
from typing import Any

import boto3

from tests.localaws.faults.killing import again, running
from tests.localaws.kms.face import DAY, refused

BODY = b"passenger: Reggie Washington, passport 340020013"
WHERE = {"Bucket": "desk", "Key": "a"}


def seen(kms: Any) -> list[Any]:
    """Return what KMS tells."""
    found = [one["KeyId"] for one in kms.list_keys()["Keys"]]
    answers = [kms.list_aliases()["Aliases"], found]
    for key in found:
        answers += [
            kms.describe_key(KeyId=key)["KeyMetadata"],
            kms.get_key_policy(KeyId=key)["Policy"],
            kms.list_grants(KeyId=key)["Grants"],
            kms.list_key_rotations(KeyId=key)["Rotations"],
        ]
    return answers


def test_keys_open_again_and_the_deleted_never(home: Path) -> None:
    with running() as connection:
        kms, s3 = boto3.client("kms"), boto3.client("s3")
        key, gone = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in "ab")
        kms.create_alias(AliasName="alias/desk", TargetKeyId=key)
        kms.create_grant(
            KeyId=key,
            GranteePrincipal="arn:aws:iam::123456789012:user/learner",
            Operations=["Decrypt"],
        )
        blobs = [
            kms.encrypt(KeyId=one, Plaintext=BODY)["CiphertextBlob"]
            for one in (key, gone)
        ]
        kms.rotate_key_on_demand(KeyId=key)
        s3.create_bucket(Bucket="desk")
        under = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/desk"}
        s3.put_object(**WHERE, Body=BODY, **under)
        upload = s3.create_multipart_upload(Bucket="desk", Key="b", **under)
        one = {"Bucket": "desk", "Key": "b", "UploadId": upload["UploadId"]}
        part = s3.upload_part(**one, PartNumber=1, Body=BODY)
        kms.schedule_key_deletion(KeyId=gone, PendingWindowInDays=7)
        connection.control("POST", "clock", {"seconds": 7.1 * DAY})
        before = seen(kms)
        again()
        assert seen(kms) == before
        assert kms.decrypt(CiphertextBlob=blobs[0])["Plaintext"] == BODY
        with refused("AccessDeniedException", "does not exist"):
            kms.decrypt(CiphertextBlob=blobs[1])
        found = s3.get_object(**WHERE)
        assert (found["Body"].read(), found["SSEKMSKeyId"][-36:]) == (BODY, key)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        s3.complete_multipart_upload(**one, MultipartUpload=parts)
        assert s3.get_object(Bucket="desk", Key="b")["Body"].read() == BODY
        held = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        assert b"Washington" not in held
