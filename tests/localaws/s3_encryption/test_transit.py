"""Amazon S3: what comes by plain http, and a bucket that does not let it in."""

import json
import urllib.error
import urllib.request
from functools import partial
from typing import Any

import boto3
import pytest

from tests.localaws.kms.face import Aws, refused

HTTP = "http://s3.us-east-1.amazonaws.com"
BODY = b"passenger: Reggie Washington"


def demanding_tls(aws: Aws, bucket: str, condition: dict[str, Any]) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": condition,
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    aws("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


SECURE = {"Bool": {"aws:SecureTransport": "false"}}


def test_plain_http_is_let_in_where_nobody_forbids_it(aws: Aws, bucket: str) -> None:
    s3 = boto3.client("s3", endpoint_url=HTTP)
    s3.put_object(Bucket=bucket, Key="a", Body=BODY)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == BODY


HOSTS = [HTTP, "http://s3.amazonaws.com", "http://s3.dualstack.us-east-1.amazonaws.com"]


def test_a_policy_keeps_plain_http_out(aws: Aws, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "a"}
    aws("s3").put_object(**where, Body=BODY)
    demanding_tls(aws, bucket, SECURE)
    for url in HOSTS:
        plain = boto3.client("s3", endpoint_url=url)
        for call in (
            partial(plain.get_object, **where),
            partial(plain.put_object, **where, Body=b"x"),
            partial(plain.list_objects_v2, Bucket=bucket),
        ):
            with refused("AccessDenied", "explicit deny in a resource-based policy"):
                call()
        with refused("403"):
            plain.head_object(**where)
    secure = boto3.client("s3", endpoint_url=HTTP.replace("http:", "https:"))
    for s3 in (aws("s3"), secure):
        assert s3.get_object(**where)["Body"].read() == BODY
        s3.put_object(Bucket=bucket, Key="b", Body=BODY)


@pytest.mark.parametrize(("least", "passes"), [("1.2", True), ("1.4", False)])
def test_a_policy_demands_a_version_of_tls(
    aws: Aws, bucket: str, least: str, passes: bool
) -> None:
    demanding_tls(aws, bucket, {"NumericLessThan": {"s3:TlsVersion": least}})
    if passes:
        aws("s3").put_object(Bucket=bucket, Key="a", Body=BODY)
    else:
        with refused("AccessDenied", "explicit deny"):
            aws("s3").put_object(Bucket=bucket, Key="a", Body=BODY)


def test_a_presigned_address_of_plain_http(aws: Aws, bucket: str) -> None:
    aws("s3").put_object(Bucket=bucket, Key="a", Body=BODY)
    demanding_tls(aws, bucket, SECURE)
    what = ("get_object", {"Bucket": bucket, "Key": "a"})
    with urllib.request.urlopen(
        aws("s3").generate_presigned_url(*what), timeout=10
    ) as answer:
        assert answer.read() == BODY
    plain = boto3.client("s3", endpoint_url=HTTP).generate_presigned_url(*what)
    with pytest.raises(urllib.error.HTTPError, match="403") as caught:
        urllib.request.urlopen(plain, timeout=10)
    caught.value.close()


def test_keys_of_customers_do_not_travel_by_plain_http(aws: Aws, bucket: str) -> None:
    how = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
    with refused("InvalidRequest", "must be made over a secure connection"):
        boto3.client("s3", endpoint_url=HTTP).put_object(
            Bucket=bucket, Key="a", Body=BODY, **how
        )
