"""Amazon S3: lifecycles on the endpoint's clock."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import Aws

DAY = 86400
LARGE = b"x" * (128 * 1024)


def rules(aws: Aws, bucket: str, *given: dict[str, Any], **more: Any) -> None:
    """Give the bucket a lifecycle of rules that are enabled."""
    every = [
        {"ID": f"rule-{place}", "Status": "Enabled", "Filter": {}, **rule}
        for place, rule in enumerate(given)
    ]
    aws("s3").put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": every}, **more
    )


def later(endpoint: Connection, days: float) -> None:
    endpoint.control("POST", "clock", {"seconds": days * DAY})


def classes(aws: Aws, bucket: str) -> dict[str, str]:
    listed = aws("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return {one["Key"]: one["StorageClass"] for one in listed}


def put(aws: Aws, bucket: str, *keys: str, body: bytes = LARGE, **more: Any) -> None:
    for key in keys:
        aws("s3").put_object(Bucket=bucket, Key=key, Body=body, **more)


def test_objects_move_through_the_classes_and_go(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    put(aws, bucket, "raw/a", "other")
    rules(
        aws,
        bucket,
        {
            "Filter": {"Prefix": "raw/"},
            "Transitions": [
                {"Days": 30, "StorageClass": "STANDARD_IA"},
                {"Days": 90, "StorageClass": "GLACIER"},
            ],
            "Expiration": {"Days": 365},
        },
    )
    modified = aws("s3").head_object(Bucket=bucket, Key="raw/a")["LastModified"]
    seen = []
    for days in (30, 1, 60, 275):
        later(endpoint, days)
        seen.append(classes(aws, bucket).get("raw/a"))
    assert seen == ["STANDARD", "STANDARD_IA", "GLACIER", None]
    assert classes(aws, bucket) == {"other": "STANDARD"}
    assert modified.year == 2026


def test_a_transition_keeps_the_time_of_the_object(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    put(aws, bucket, "a")
    before = aws("s3").head_object(Bucket=bucket, Key="a")
    rules(aws, bucket, {"Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}]})
    later(endpoint, 1)
    after = aws("s3").head_object(Bucket=bucket, Key="a")
    assert after["StorageClass"] == "GLACIER_IR"
    assert after["LastModified"] == before["LastModified"]


def test_small_objects_stay_by_default(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    put(aws, bucket, "small", body=b"x")
    put(aws, bucket, "large")
    move = {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}
    rules(aws, bucket, move)
    later(endpoint, 3)
    assert classes(aws, bucket) == {"small": "STANDARD", "large": "GLACIER"}
    kept = aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)
    assert kept["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    rules(
        aws, bucket, move, TransitionDefaultMinimumObjectSize="varies_by_storage_class"
    )
    later(endpoint, 1)
    assert classes(aws, bucket)["small"] == "GLACIER"


def test_a_filter_of_sizes_and_tags(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    put(aws, bucket, "tiny", body=b"x", Tagging="keep=no")
    put(aws, bucket, "tagged", body=b"x" * 10, Tagging="keep=no&team=desk")
    put(aws, bucket, "untagged", body=b"x" * 10)
    chosen = {
        "And": {
            "Tags": [{"Key": "keep", "Value": "no"}],
            "ObjectSizeGreaterThan": 5,
            "ObjectSizeLessThan": 100,
        }
    }
    rules(aws, bucket, {"Filter": chosen, "Expiration": {"Days": 1}})
    (rule,) = aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Filter"]["And"]["ObjectSizeGreaterThan"] == 5
    later(endpoint, 2)
    assert sorted(classes(aws, bucket)) == ["tiny", "untagged"]


def versions(aws: Aws, bucket: str) -> list[tuple[str, bool, str]]:
    listed = aws("s3").list_object_versions(Bucket=bucket)
    found = [
        (v["Key"], v["IsLatest"], v["StorageClass"]) for v in listed.get("Versions", ())
    ]
    markers = listed.get("DeleteMarkers", ())
    return found + [(m["Key"], m["IsLatest"], "marker") for m in markers]


def test_an_expiration_hides_the_current_version(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    aws("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    put(aws, bucket, "a")
    rules(aws, bucket, {"Expiration": {"Days": 1}})
    later(endpoint, 2)
    assert sorted(versions(aws, bucket)) == [
        ("a", False, "STANDARD"),
        ("a", True, "marker"),
    ]


def test_noncurrent_versions_move_and_go(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    aws("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    for _ in range(4):
        put(aws, bucket, "a")
    rules(
        aws,
        bucket,
        {
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 5, "StorageClass": "GLACIER"}
            ],
            "NoncurrentVersionExpiration": {
                "NoncurrentDays": 10,
                "NewerNoncurrentVersions": 1,
            },
        },
    )
    later(endpoint, 6)
    assert sorted(versions(aws, bucket)) == [("a", False, "GLACIER")] * 3 + [
        ("a", True, "STANDARD")
    ]
    later(endpoint, 6)
    assert sorted(versions(aws, bucket)) == [
        ("a", False, "GLACIER"),
        ("a", True, "STANDARD"),
    ]


def test_a_delete_marker_that_is_alone_goes(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    s3 = aws("s3")
    s3.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    put(aws, bucket, "a")
    s3.delete_object(Bucket=bucket, Key="a")
    rules(
        aws,
        bucket,
        {
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
    )
    later(endpoint, 2)
    assert versions(aws, bucket) == [("a", True, "marker")]
    later(endpoint, 1)
    assert versions(aws, bucket) == []


def test_unfinished_uploads_are_aborted(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    s3 = aws("s3")
    s3.create_multipart_upload(Bucket=bucket, Key="big")
    rules(aws, bucket, {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}})
    later(endpoint, 7)
    assert len(s3.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 1
    later(endpoint, 1)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_rules_that_are_off_or_gone_do_nothing(
    endpoint: Connection, aws: Aws, bucket: str
) -> None:
    put(aws, bucket, "a")
    rules(aws, bucket, {"Expiration": {"Days": 1}, "Status": "Disabled"})
    later(endpoint, 3)
    rules(aws, bucket, {"Expiration": {"Days": 1}})
    aws("s3").delete_bucket_lifecycle(Bucket=bucket)
    later(endpoint, 3)
    assert list(classes(aws, bucket)) == ["a"]
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"Transitions": [{"Days": 1, "StorageClass": "LUKEWARM"}]}, "MalformedXML"),
        (
            {"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}},
            "MalformedXML",
        ),
    ],
)
def test_rules_that_do_not_fit(
    aws: Aws, bucket: str, rule: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        rules(aws, bucket, rule)
    assert caught.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)


def test_a_bucket_that_is_missing(aws: Aws) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        rules(aws, "none", {"Expiration": {"Days": 1}})
