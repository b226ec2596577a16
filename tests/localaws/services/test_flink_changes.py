"""Applications that change: versions, logging options, tags; what runs starts anew."""

import json
from typing import Any

import pytest

from tests.localaws.services import kafka_face as kafka
from tests.localaws.services.flink_face import (
    BUCKET,
    STREAM,
    Aws,
    archive,
    became,
    create,
    detail,
    groups,
    make_ground,
    needs_flink,
    said,
    started,
    stopped,
    words,
)

# Says its properties, and counts up for ever.
COUNT = """
import json
import os
from pyflink.table import EnvironmentSettings, TableEnvironment
place = "/etc/flink/application_properties.json"
assert os.path.isfile(place)
print("told", open(place).read())
table = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
table.execute_sql('''CREATE TABLE rows_in (n BIGINT) WITH ('connector' = 'datagen',
  'rows-per-second' = '1')''')
table.execute_sql('''CREATE TABLE gone (n BIGINT) WITH ('connector' = 'blackhole')''')
table.execute_sql('INSERT INTO gone SELECT n FROM rows_in')
"""


def update(aws: Aws, version: int, **members: Any) -> Any:
    """Update the application."""
    return aws("kinesisanalyticsv2").update_application(
        ApplicationName="desk", CurrentApplicationVersionId=version, **members
    )["ApplicationDetail"]


def parallel(number: int) -> dict[str, Any]:
    """Return a change of the parallelism."""
    wanted = {
        "ConfigurationTypeUpdate": "CUSTOM",
        "ParallelismUpdate": number,
        "ParallelismPerKPUUpdate": 1,
    }
    return {
        "FlinkApplicationConfigurationUpdate": {
            "ParallelismConfigurationUpdate": wanted
        }
    }


def test_versions_rise_and_are_asked_for(aws: Aws) -> None:
    made = create(aws, make_ground(aws), "")
    flink = aws("kinesisanalyticsv2")
    other = {
        "EnvironmentPropertyUpdates": {
            "PropertyGroups": groups(label="noon")["PropertyGroups"]
        }
    }
    found = update(aws, 1, ApplicationConfigurationUpdate=other)
    assert (found["ApplicationVersionId"], found["ApplicationVersionUpdatedFrom"]) == (
        2,
        1,
    )
    assert found["ApplicationStatus"] == "READY"
    config = found["ApplicationConfigurationDescription"]
    (_, told) = config["EnvironmentPropertyDescriptions"]["PropertyGroupDescriptions"]
    assert told["PropertyMap"] == {"label": "noon"}
    old = made["ConditionalToken"]
    for members in ({"CurrentApplicationVersionId": 1}, {"ConditionalToken": old}):
        with pytest.raises(flink.exceptions.ConcurrentModificationException):
            flink.update_application(ApplicationName="desk", **members)
    with pytest.raises(flink.exceptions.InvalidArgumentException, match="You must"):
        flink.update_application(ApplicationName="desk")
    flink.update_application(
        ApplicationName="desk",
        ConditionalToken=found["ConditionalToken"],
        ApplicationConfigurationUpdate=parallel(2),
    )
    body = archive("print()")
    aws("s3").put_object(Bucket=BUCKET, Key="other.zip", Body=body)
    code = {"S3ContentLocationUpdate": {"FileKeyUpdate": "other.zip"}}
    change = {"ApplicationCodeConfigurationUpdate": {"CodeContentUpdate": code}}
    found = update(aws, 3, ApplicationConfigurationUpdate=change)
    config = found["ApplicationConfigurationDescription"]
    content = config["ApplicationCodeConfigurationDescription"]
    content = content["CodeContentDescription"]
    assert content["CodeSize"] == len(body)
    where = content["S3ApplicationCodeLocationDescription"]
    assert where == {"BucketARN": f"arn:aws:s3:::{BUCKET}", "FileKey": "other.zip"}
    flink_config = config["FlinkApplicationConfigurationDescription"]
    wanted = flink_config["ParallelismConfigurationDescription"]
    assert (wanted["Parallelism"], wanted["CurrentParallelism"]) == (2, 2)
    kept = flink_config["CheckpointConfigurationDescription"]
    assert kept["CheckpointInterval"] == 1000


def test_logging_options_and_tags(aws: Aws) -> None:
    tags = [{"Key": "team", "Value": "ground"}]
    create(aws, make_ground(aws), "", Tags=tags)
    flink, logs = aws("kinesisanalyticsv2"), aws("logs")
    logs.create_log_stream(logGroupName="/flink", logStreamName="other")
    other = STREAM.replace("log-stream:desk", "log-stream:other")
    made = flink.add_application_cloud_watch_logging_option(
        ApplicationName="desk",
        CurrentApplicationVersionId=1,
        CloudWatchLoggingOption={"LogStreamARN": other},
    )
    assert made["ApplicationVersionId"] == 2
    first, second = made["CloudWatchLoggingOptionDescriptions"]
    assert (first["LogStreamARN"], second["LogStreamARN"]) == (STREAM, other)
    made = flink.delete_application_cloud_watch_logging_option(
        ApplicationName="desk",
        CurrentApplicationVersionId=2,
        CloudWatchLoggingOptionId=first["CloudWatchLoggingOptionId"],
    )
    assert made["CloudWatchLoggingOptionDescriptions"] == [second]
    arn = detail(aws)["ApplicationARN"]
    more = [{"Key": str(number)} for number in range(49)]
    flink.tag_resource(ResourceARN=arn, Tags=more)
    with pytest.raises(flink.exceptions.TooManyTagsException):
        flink.tag_resource(ResourceARN=arn, Tags=[{"Key": "one more"}])
    flink.untag_resource(ResourceARN=arn, TagKeys=[one["Key"] for one in more])
    assert flink.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags


@needs_flink
def test_what_runs_is_started_anew_with_its_changes(aws: Aws) -> None:
    told = {"EnvironmentProperties": groups(label="noon")}
    create(aws, make_ground(aws), COUNT, ApplicationConfiguration=told)
    started(aws)
    flink = aws("kinesisanalyticsv2")
    found = update(aws, 1, ApplicationConfigurationUpdate=parallel(2))
    assert (found["ApplicationStatus"], found["ApplicationVersionId"]) == (
        "UPDATING",
        2,
    )
    with pytest.raises(flink.exceptions.ResourceInUseException, match="UPDATING"):
        update(aws, 2, ApplicationConfigurationUpdate=parallel(1))
    found = became(aws, "RUNNING", "READY")
    assert found["ApplicationStatus"] == "RUNNING", words(aws)[-500:]
    (made,) = flink.list_application_snapshots(ApplicationName="desk")[
        "SnapshotSummaries"
    ]
    assert made["SnapshotStatus"] == "READY"
    kafka.until(lambda: "(2/2)" in words(aws))
    lines = [one["message"] for one in said(aws) if "told" in one["message"]]
    assert len(lines) == 2
    groups_told = json.loads(lines[-1].removeprefix("told "))
    assert groups_told[1] == {
        "PropertyGroupId": "desk",
        "PropertyMap": {"label": "noon"},
    }
    assert {one["applicationVersionId"] for one in said(aws)} == {"1", "2"}
    stopped(aws, Force=True)
