"""The contract with moto's private names: what `localaws.compat` counts on."""

import json

from localaws import compat

ACCOUNT = "123456789012"


def test_reset_makes_the_learners_user_with_the_runs_keys() -> None:
    compat.reset(ACCOUNT, "AKIAEXAMPLE000000000", "s" * 40)
    found = compat.credential(ACCOUNT, "AKIAEXAMPLE000000000")
    assert found is not None
    assert (found.secret_key, found.session_token) == ("s" * 40, None)
    assert compat.credential(ACCOUNT, "AKIAOTHER00000000000") is None


def test_a_policy_decides() -> None:
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
                {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
            ],
        }
    )
    decisions = {
        action: compat.policy_decision(policy, action, "*")
        for action in ("s3:GetObject", "s3:DeleteObject", "ec2:RunInstances")
    }
    assert decisions == {
        "s3:GetObject": "allowed",
        "s3:DeleteObject": "explicitDeny",
        "ec2:RunInstances": "implicitDeny",
    }


def test_a_rest_operation_is_named_by_method_and_path() -> None:
    def named(method: str, path: str, query: str = "") -> str | None:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "RAW_URI": f"{path}?{query}",
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
        }
        return compat.rest_operation("s3", environ)

    assert named("GET", "/bucket", "list-type=2") == "ListObjectsV2"
    assert named("PUT", "/bucket/key") == "PutObject"
    assert named("PUT", "/bucket", "policy=") == "PutBucketPolicy"
    assert named("GET", "/") == "ListBuckets"
    assert compat.rest_operation("no-such-service", {}) is None
