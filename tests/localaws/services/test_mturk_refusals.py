"""Amazon Mechanical Turk: values out of range, and what does not act here."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.mturk_face import hit, refused


@pytest.fixture
def mturk(endpoint: Connection) -> Any:
    """A client of an empty marketplace."""
    return boto3.client("mturk")


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"LifetimeInSeconds": 29}, "LifetimeInSeconds is out of range"),
        ({"AutoApprovalDelayInSeconds": 2592001}, "must be between 0 and 2592000"),
        ({"MaxAssignments": 0}, "MaxAssignments is out of range"),
        ({"Title": "x" * 129}, "Title must not be longer than 128"),
        ({"Reward": "a lot"}, "regular expression pattern"),
    ],
)
def test_values_out_of_range_are_refused(
    mturk: Any, members: dict[str, Any], text: str
) -> None:
    refused(lambda: hit(mturk, **members), None, text)
    assert mturk.list_hits()["HITs"] == []


def test_what_does_not_act_is_refused_by_name(mturk: Any) -> None:
    for call, given, name in (
        (lambda **more: hit(mturk, **more), {"HITLayoutId": "ABC"}, "HITLayoutId"),
        (
            mturk.notify_workers,
            {"Subject": "s", "MessageText": "m", "WorkerIds": ["A1"]},
            "mturk:NotifyWorkers",
        ),
        (
            mturk.update_notification_settings,
            {"HITTypeId": "A1", "Active": True},
            "mturk:UpdateNotificationSettings",
        ),
    ):
        with pytest.raises(ClientError, match=name) as error:
            call(**given)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
