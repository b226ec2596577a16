"""Amazon Kinesis Data Streams: what CloudWatch knows of a stream."""

from localaws.daemon import Connection
from tests.localaws.services.kinesis_face import Aws, iterator, put, stream, total


def test_throttled_records_are_counted(aws: Aws) -> None:
    kinesis = stream(aws)
    for _ in range(3):
        put(kinesis, *[b"xy"] * 500)
    named = {"StreamName": "orders"}
    assert total(aws, "IncomingRecords", **named) == 1000
    assert total(aws, "IncomingBytes", **named) == 3000
    assert total(aws, "WriteProvisionedThroughputExceeded", **named) == 500
    average = total(aws, "WriteProvisionedThroughputExceeded", "Average", **named)
    assert round(average, 3) == 0.333
    assert total(aws, "PutRecords.ThrottledRecords", **named) == 500
    assert total(aws, "PutRecords.Success", **named) == 2


def test_the_age_of_what_is_read_grows_as_a_reader_lags(
    endpoint: Connection, aws: Aws
) -> None:
    kinesis = stream(aws)
    put(kinesis, b"0", b"1")
    endpoint.control("POST", "clock", {"seconds": 90})
    answer = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=1)
    name = "GetRecords.IteratorAgeMilliseconds"
    age = total(aws, name, "Maximum", StreamName="orders")
    assert age == answer["MillisBehindLatest"] >= 90_000
    kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert total(aws, name, "Minimum", StreamName="orders") == 0


def test_single_shards_are_measured_on_request(aws: Aws) -> None:
    kinesis = stream(aws, shards=2)
    put(kinesis, b"unseen", key="a")
    hot = {"StreamName": "orders", "ShardId": "shardId-000000000000"}
    assert total(aws, "IncomingRecords", **hot) == 0
    answer = kinesis.enable_enhanced_monitoring(
        StreamName="orders", ShardLevelMetrics=["ALL"]
    )
    assert len(answer["DesiredShardLevelMetrics"]) == 7
    put(kinesis, b"seen", key="a")
    kinesis.get_records(ShardIterator=iterator(kinesis))
    assert total(aws, "IncomingRecords", **hot) == 1
    assert total(aws, "OutgoingRecords", **hot) == 2
    kinesis.disable_enhanced_monitoring(StreamName="orders", ShardLevelMetrics=["ALL"])
    put(kinesis, b"unseen", key="a")
    assert total(aws, "IncomingRecords", **hot) == 1


def test_an_alarm_sees_a_hot_shard(aws: Aws) -> None:
    kinesis, cloudwatch = stream(aws), aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="hot",
        Namespace="AWS/Kinesis",
        MetricName="WriteProvisionedThroughputExceeded",
        Dimensions=[{"Name": "StreamName", "Value": "orders"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    for _ in range(3):
        put(kinesis, *[b"x"] * 500)
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
