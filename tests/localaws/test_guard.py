"""Hostile requests: each is refused before any service sees it."""

import http.client
import json
import urllib.error
import urllib.request
from datetime import timedelta

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from localaws.clock import real_now
from localaws.daemon import Connection


def send(
    endpoint: Connection,
    headers: dict[str, str],
    method: str = "GET",
    path: str = "/",
    body: bytes = b"",
) -> tuple[int, str]:
    """Send exactly these headers and return status and text."""
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def signed(
    endpoint: Connection,
    body: bytes = b"Action=GetCallerIdentity&Version=2011-06-15",
    key: str | None = None,
    secret: str | None = None,
    **more: str,
) -> dict[str, str]:
    """Sign a call of STS, as an SDK does."""
    request = AWSRequest(
        "POST",
        f"{endpoint.url}/",
        {"Content-Type": "application/x-www-form-urlencoded", **more},
        body,
    )
    credentials = Credentials(key or endpoint.access_key, secret or endpoint.secret_key)
    SigV4Auth(credentials, "sts", "us-east-1").add_auth(request)
    return {"Host": f"127.0.0.1:{endpoint.port}", **dict(request.headers.items())}


BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


def test_a_signed_request_passes(endpoint: Connection) -> None:
    status, text = send(endpoint, signed(endpoint), "POST", body=BODY)
    assert status == 200
    assert "user/learner" in text


def test_no_key(endpoint: Connection) -> None:
    headers = {"Host": f"127.0.0.1:{endpoint.port}"}
    status, text = send(endpoint, headers, "POST", body=BODY)
    assert (status, "MissingAuthenticationToken" in text) == (403, True)


def test_unknown_key(endpoint: Connection) -> None:
    headers = signed(endpoint, key="AKIAIOSFODNN7EXAMPLE")
    status, text = send(endpoint, headers, "POST", body=BODY)
    assert (status, "InvalidClientTokenId" in text) == (403, True)


def test_wrong_secret(endpoint: Connection) -> None:
    headers = signed(endpoint, secret="x" * 40)
    status, text = send(endpoint, headers, "POST", body=BODY)
    assert (status, "SignatureDoesNotMatch" in text) == (403, True)


def test_another_body_than_was_signed(endpoint: Connection) -> None:
    other = b"Action=GetSessionToken&Version=2011-06-15"
    status, text = send(endpoint, signed(endpoint), "POST", body=other)
    assert (status, "SignatureDoesNotMatch" in text) == (403, True)


def test_another_path_than_was_signed(endpoint: Connection) -> None:
    status, text = send(endpoint, signed(endpoint), "POST", "/other", BODY)
    assert (status, "SignatureDoesNotMatch" in text) == (403, True)


def test_an_old_signature(
    endpoint: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = real_now() - timedelta(minutes=16)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: past)
    status, text = send(endpoint, signed(endpoint), "POST", body=BODY)
    assert (status, "RequestExpired" in text) == (403, True)


@pytest.mark.parametrize(
    "host", ["evil.example", "169.254.169.254", "localhost", "127.0.0.1:1", ""]
)
def test_a_foreign_host(endpoint: Connection, host: str) -> None:
    headers = {**signed(endpoint), "Host": host}
    status, text = send(endpoint, headers, "POST", body=BODY)
    assert (status, "AccessDenied" in text) == (403, True)


def test_no_host(endpoint: Connection) -> None:
    headers = signed(endpoint)
    del headers["Host"]
    status, _ = send(endpoint, headers, "POST", body=BODY)
    assert status in (400, 403)


@pytest.mark.parametrize(
    "header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_web_page(endpoint: Connection, header: dict[str, str]) -> None:
    headers = {**signed(endpoint), **header}
    status, text = send(endpoint, headers, "POST", body=BODY)
    assert (status, "web pages" in text) == (403, True)


def test_no_cross_origin_permission_is_given(endpoint: Connection) -> None:
    headers = {
        "Host": f"127.0.0.1:{endpoint.port}",
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
    }
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
    connection.request("OPTIONS", "/", headers=headers)
    response = connection.getresponse()
    assert response.status == 403
    assert "access-control-allow-origin" not in {k.lower() for k in response.headers}
    connection.close()


@pytest.mark.parametrize(
    "path", ["/moto-api/reset", "/moto-api/", "/Moto-Api/seed", "/%6doto-api/reset"]
)
def test_the_simulators_control_pages(endpoint: Connection, path: str) -> None:
    status, text = send(endpoint, signed(endpoint), "POST", path, BODY)
    assert (status, "control pages" in text) == (403, True)


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_the_control_api_without_its_token(
    endpoint: Connection, token: str | None
) -> None:
    headers = {"Host": f"127.0.0.1:{endpoint.port}"}
    if token is not None:
        headers["X-Localaws-Token"] = token
    for name in ("reset", "stop", "clock"):
        status, _ = send(endpoint, headers, "POST", f"/_localaws/{name}")
        assert status == 403
    assert endpoint.control("GET", "status")["ok"]


def test_the_control_api_is_closed_to_web_pages_with_the_token(
    endpoint: Connection,
) -> None:
    headers = {
        "Host": f"127.0.0.1:{endpoint.port}",
        "X-Localaws-Token": endpoint.token,
        "Origin": "null",
    }
    status, _ = send(endpoint, headers, "POST", "/_localaws/reset")
    assert status == 403


def test_a_deleted_users_key(endpoint: Connection) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="guest")
    key = iam.create_access_key(UserName="guest")["AccessKey"]
    guest = boto3.client(
        "sts",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert guest.get_caller_identity()["Arn"].endswith(":user/guest")
    iam.update_access_key(
        UserName="guest", AccessKeyId=key["AccessKeyId"], Status="Inactive"
    )
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        guest.get_caller_identity()


def test_a_roles_session_needs_its_token(endpoint: Connection, role: str) -> None:
    given = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="me")
    keys = given["Credentials"]
    stolen = boto3.client(
        "s3",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token="x" * 20,
    )
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        stolen.list_buckets()


def test_presigned_urls_open_one_object_until_they_expire(
    endpoint: Connection, bucket: str
) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="a b/ü+%.txt", Body=b"open")
    where = {"Bucket": bucket, "Key": "a b/ü+%.txt"}
    url = s3.generate_presigned_url("get_object", where, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"open"
    for broken in (url.replace("a%20b", "c"), url[:-4] + "0000"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(broken)
        assert caught.value.code == 403
        caught.value.close()


def test_what_is_put_by_a_presigned_url_may_be_said_to_be_a_form(
    endpoint: Connection, bucket: str
) -> None:
    s3 = boto3.client("s3")
    where = {"Bucket": bucket, "Key": "form"}
    url = s3.generate_presigned_url("put_object", where)
    # urllib says so of whatever it sends
    with urllib.request.urlopen(
        urllib.request.Request(url, b"Action=DeleteBucket&key=x", method="PUT")
    ) as answer:
        assert answer.status == 200
    found = s3.get_object(**where)
    assert found["Body"].read() == b"Action=DeleteBucket&key=x"
    assert found["ContentType"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" ", " X=a/b/us-east-1/cloudformation/c, "),
        ("Credential=", "Other=a/20260105/us-east-1/s3/aws4_request, Credential="),
        ("/us-east-1/", "/s3.amazonaws.com/"),
    ],
)
def test_a_signature_that_could_be_read_as_another_services(
    endpoint: Connection, old: str, new: str
) -> None:
    headers = signed(endpoint)
    headers["Authorization"] = headers["Authorization"].replace(old, new, 1)
    status, text = send(endpoint, headers)
    assert (status, "IncompleteSignature" in text) == (403, True)


def test_a_presigned_path_names_no_other_service(
    endpoint: Connection, bucket: str
) -> None:
    place = {"Bucket": bucket, "Key": "a"}
    url = boto3.client("s3").generate_presigned_url("get_object", Params=place)
    path = url.partition(str(endpoint.port))[2]
    headers = {"Host": f"127.0.0.1:{endpoint.port}"}
    assert "NoSuchKey" in send(endpoint, headers, path=path)[1]
    place["Bucket"] = "stepfunctions-us-east-1"
    session = boto3.client("s3")
    session.meta.events.register(
        "before-sign",
        lambda request, **_: setattr(
            request, "url", request.url.replace("stepfunctions-", "stepfunctions_")
        ),
    )
    url = session.generate_presigned_url("get_object", Params=place)
    path = url.partition(str(endpoint.port))[2]
    assert path.startswith("/stepfunctions_us-east-1/")
    assert "NoSuchBucket" in send(endpoint, headers, path=path)[1]


def test_an_error_has_the_form_of_its_protocol(endpoint: Connection) -> None:
    wrong = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
    calls = {
        "s3": lambda client: client.list_buckets(),
        "iam": lambda client: client.list_roles(),
        "logs": lambda client: client.describe_log_groups(),
        "cloudwatch": lambda client: client.list_metrics(),
        "sagemaker": lambda client: client.list_models(),
        "ec2": lambda client: client.describe_vpcs(),
    }
    for service, call in calls.items():
        with pytest.raises(ClientError) as caught:
            call(boto3.client(service, **wrong))
        error = caught.value.response["Error"]
        assert error["Code"] == "InvalidClientTokenId", service
        assert "cloud.start()" in error["Message"], service


def test_control_answers_are_json(endpoint: Connection) -> None:
    assert json.dumps(endpoint.control("GET", "bill")) == '{"lines": []}'
