"""Client-side encryption: the AWS Encryption SDK on keys of the endpoint."""

import botocore.session
import pytest
from aws_encryption_sdk import (
    CommitmentPolicy,
    EncryptionSDKClient,
    StrictAwsKmsMasterKeyProvider,
)
from aws_encryption_sdk.exceptions import DecryptKeyError, GenerateKeyError

from tests.localaws.kms.face import Aws, new_key, statement, user

BODY = b"passenger: Reggie Washington, passport 340020013" * 100
PAIRS = {"table": "passengers"}
SDK = EncryptionSDKClient(
    commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
)


def provider(*keys: str) -> StrictAwsKmsMasterKeyProvider:
    return StrictAwsKmsMasterKeyProvider(key_ids=list(keys))


def test_a_message_opens_under_either_key(aws: Aws, bucket: str) -> None:
    keys = [new_key(aws), new_key(aws)]
    message, _ = SDK.encrypt(
        source=BODY, key_provider=provider(*keys), encryption_context=PAIRS
    )
    assert BODY[:16] not in message
    aws("s3").put_object(Bucket=bucket, Key="a", Body=message)
    stored = aws("s3").get_object(Bucket=bucket, Key="a")["Body"].read()
    for key in keys:
        found, header = SDK.decrypt(source=stored, key_provider=provider(key))
        assert (found, header.encryption_context["table"]) == (BODY, "passengers")


def test_without_the_key_nothing_opens(aws: Aws) -> None:
    key, other = new_key(aws), new_key(aws)
    message, _ = SDK.encrypt(source=BODY, key_provider=provider(key))
    with pytest.raises(DecryptKeyError):
        SDK.decrypt(source=message, key_provider=provider(other))
    aws("kms").disable_key(KeyId=key)
    with pytest.raises(DecryptKeyError):
        SDK.decrypt(source=message, key_provider=provider(key))
    with pytest.raises(GenerateKeyError):
        SDK.encrypt(source=BODY, key_provider=provider(key))


def test_the_context_is_part_of_the_message(aws: Aws) -> None:
    key = new_key(aws)
    condition = {"StringEquals": {"kms:EncryptionContext:table": "passengers"}}
    user(aws, "ann", statement("kms:Decrypt", Condition=condition))
    found = aws("iam").create_access_key(UserName="ann")["AccessKey"]
    session = botocore.session.get_session()
    session.set_credentials(found["AccessKeyId"], found["SecretAccessKey"])
    for pairs, opens in ((PAIRS, True), ({"table": "planes"}, False)):
        message, _ = SDK.encrypt(
            source=BODY, key_provider=provider(key), encryption_context=pairs
        )
        ann = provider_of(session, key)
        if opens:
            assert SDK.decrypt(source=message, key_provider=ann)[0] == BODY
        else:
            with pytest.raises(DecryptKeyError):
                SDK.decrypt(source=message, key_provider=ann)


def provider_of(
    session: botocore.session.Session, key: str
) -> StrictAwsKmsMasterKeyProvider:
    return StrictAwsKmsMasterKeyProvider(key_ids=[key], botocore_session=session)
