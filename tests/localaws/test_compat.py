"""The contract with moto's private names: what `localaws.compat` counts on."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import moto
from moto.cloudwatch.models import cloudwatch_backends
from moto.iam.models import iam_backends

from localaws import compat
from localaws.services.metric_samples import metric_samples

ACCOUNT = "123456789012"


def test_reset_makes_the_learners_user_with_the_runs_keys() -> None:
    compat.reset(ACCOUNT, "AKIAEXAMPLE000000000", "s" * 40)
    found = compat.credential(ACCOUNT, "AKIAEXAMPLE000000000")
    assert found is not None
    assert (found.secret_key, found.session_token) == ("s" * 40, None)
    assert compat.credential(ACCOUNT, "AKIAOTHER00000000000") is None


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


def test_filter_policies_of_subscriptions() -> None:
    attributes = {"carrier": {"Type": "String", "Value": "UA"}}
    for policy, scope, expected in (
        ({}, "MessageAttributes", True),
        ({"carrier": ["UA"]}, "MessageAttributes", True),
        ({"carrier": ["DL"]}, "MessageAttributes", False),
        ({"delay": [{"numeric": [">", 15]}]}, "MessageBody", True),
        ({"delay": [{"numeric": ["<", 15]}]}, "MessageBody", False),
    ):
        found = compat.sns_matches(policy, scope, attributes, '{"delay": 61}')
        assert found is expected


def test_samples_of_metrics() -> None:
    compat.reset(ACCOUNT, "AKIAEXAMPLE000000000", "s" * 40)
    backend = cloudwatch_backends[ACCOUNT]["us-east-1"]
    when = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
    common = {
        "MetricName": "Late",
        "Timestamp": when,
        "Unit": "Count",
        "Dimensions": [{"Name": "Carrier", "Value": "UA"}],
    }
    stats = {"SampleCount": 3.0, "Sum": 9.0, "Minimum": 1.0, "Maximum": 5.0}
    backend.put_metric_data(
        "Desk",
        [
            {**common, "Values": [2.0, 4.0], "Counts": [1.0, 2.0]},
            {**common, "StatisticValues": stats},
        ],
    )
    found = [*metric_samples("us-east-1", "Desk", "Late")]
    shown = [(one.count, one.total, one.least, one.most) for one in found]
    assert shown == [(1, 2, 2, 2), (1, 4, 4, 4), (1, 4, 4, 4), (3, 9, 1, 5)]
    assert {one.second for one in found} == {when.timestamp()}
    assert found[0].dimensions == {"Carrier": "UA"}
    assert found[0].unit == "Count"
    assert not any(metric_samples("us-east-1", "Desk", "none"))


def test_what_ec2_offers_is_not_loaded() -> None:
    asked = (
        "import localaws.compat; from moto.ec2.models import instance_types as found;"
        "print(*sorted({region for regions in found.INSTANCE_TYPE_OFFERINGS.values()"
        " for region, offers in regions.items() if offers}), *found.INSTANCE_TYPES)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_a_policy_of_awss_is_as_it_was_after_a_reset() -> None:
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"

    def attached(account: str) -> int:
        return iam_backends[account]["aws"].get_policy(arn).attachment_count

    compat.reset(ACCOUNT, "AKIAEXAMPLE000000000", "s" * 40)
    backend = iam_backends[ACCOUNT]["aws"]
    backend.create_group("desk")
    backend.attach_group_policy(arn, "desk")
    assert attached(ACCOUNT) == 1
    assert attached("210987654321") == 0
    iam_backends["210987654321"]["aws"].create_group("desk")
    iam_backends["210987654321"]["aws"].attach_group_policy(arn, "desk")
    assert attached("210987654321") == attached("111111111111") + 1 == 1
    compat.reset(ACCOUNT, "AKIAEXAMPLE000000000", "s" * 40)
    assert attached(ACCOUNT) == 0


def test_the_models_that_moto_shares_are_those_it_does_not_change() -> None:
    root = Path(moto.__file__).parent
    changed = {path.parts[-3] for path in root.glob("*/*/service-2.moto-extras.*")}
    assert changed == {*compat._CHANGED_MODELS, "ec2"}
    [real] = compat._model.__defaults__
    own, theirs = (load("ec2", "service-2") for load in (compat._model, real))
    assert own.keys() == theirs.keys()
    assert own["shapes"].keys() == theirs["shapes"].keys()
    assert own["shapes"]["AuthFailure"] == theirs["shapes"]["AuthFailure"]
