"""Lab 1.1, task 5: both sides of a feature group, and the job that filled it."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from helpers.check import CheckFailed, checks_of
from helpers.checks import card_features
from helpers.payments import cards
from helpers.samples import sample

CHECK = checks_of("lab_1_1")["open_a_feature_group"]
INPUTS = card_features.drawn(13)
ROWS = [card_features._plain(each) for each in cards.records(13)]
LATE = [card_features._plain(each) for each in cards.late(13)]
NEWEST = {row[0]: row for row in sorted(ROWS, key=lambda row: row[1])}
FLOW = sha256(sample(card_features.FLOW).read_bytes()).hexdigest()


@pytest.fixture
def right() -> dict[str, Any]:
    job = {
        "name": "days",
        "status": "Completed",
        "reason": "",
        "image": f"registry/{card_features.IMAGE}:3.x",
        "flows": [FLOW],
    }
    return {
        "job": job,
        "status": "Created",
        "online": [*NEWEST.values()],
        "offline": sorted(ROWS + LATE),
    }


def found(evidence: dict[str, Any]) -> CheckFailed:
    with pytest.raises(CheckFailed) as failure:
        CHECK.verdict(INPUTS, json.loads(json.dumps(evidence)))
    return failure.value


def test_the_reference_passes(right: dict[str, Any]) -> None:
    assert f"{len(ROWS + LATE)} rows offline" in CHECK.verdict(INPUTS, right)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"status": "Failed", "reason": "no feature"}, "Failed no feature"),
        ({"status": "InProgress"}, "InProgress"),
        ({"flows": ["0" * 64]}, "1 flows"),
        ({"flows": []}, "0 flows"),
        ({"image": "registry/sagemaker-scikit-learn:1.9"}, "scikit"),
    ],
)
def test_a_job_that_is_not_the_flows_is_none(
    right: dict[str, Any], wrong: dict[str, Any], said: str
) -> None:
    assert said in found(right | {"job": right["job"] | wrong}).found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"status": "none"}, "none"),
        ({"online": None}, "no online store"),
        ({"offline": None}, "no offline store"),
        ({"offline": sorted(ROWS)}, f"of which {len(ROWS)} were asked"),
        ({"offline": sorted(ROWS + LATE + LATE)}, f"{len(ROWS) + 2 * len(LATE)} rows"),
        ({"offline": sorted(LATE)}, f"{len(LATE)} rows"),
        ({"online": []}, "records of 0 customers"),
    ],
)
def test_what_is_wrong_with_a_side_is_said(
    right: dict[str, Any], wrong: dict[str, Any], said: str
) -> None:
    assert said in found(right | wrong).found


def test_a_late_record_online_is_not_the_newest(right: dict[str, Any]) -> None:
    late = LATE[0]
    online = [late if row[0] == late[0] else row for row in right["online"]]
    failure = found(right | {"online": online})
    assert failure.found == f"another one for {late[0]}"


def test_what_the_probe_finds_of_records_that_were_put_by_hand(
    aws: Callable[[str], Any], role: str
) -> None:
    """Without a job nothing passes; both sides are read as they are."""

    def by_hand(
        group: str, features: dict[str, str], uri: str, late: list, bucket: str
    ) -> str:
        assert uri == f"s3://{bucket}/{cards.KEY}"
        aws("sagemaker").create_feature_group(
            FeatureGroupName=group,
            RecordIdentifierFeatureName="customer_id",
            EventTimeFeatureName="paid_at",
            FeatureDefinitions=[
                {"FeatureName": name, "FeatureType": kind}
                for name, kind in features.items()
            ],
            OnlineStoreConfig={"EnableOnlineStore": True},
            OfflineStoreConfig={"S3StorageConfig": {"S3Uri": f"s3://{bucket}/o"}},
            RoleArn=role,
        )
        while True:
            told = aws("sagemaker").describe_feature_group(FeatureGroupName=group)
            if told["FeatureGroupStatus"] == "Created":
                break
        for each in late:
            aws("sagemaker-featurestore-runtime").put_record(
                FeatureGroupName=group,
                Record=[
                    {"FeatureName": name, "ValueAsString": str(value)}
                    for name, value in each.items()
                ],
            )
        return "no-such-job"

    evidence = CHECK.probe(INPUTS, by_hand, aws)
    assert evidence["offline"] == sorted(LATE)
    assert sorted(evidence["online"]) == sorted(LATE)
    assert "'no-such-job'" in found(evidence).found
    left = aws("sagemaker").list_feature_groups()["FeatureGroupSummaries"]
    assert {each["FeatureGroupStatus"] for each in left} <= {"Deleting"}
    evidence = CHECK.probe(INPUTS, lambda *_: None, aws)
    assert (evidence["status"], evidence["job"]) == ("none", {"name": "None"})
