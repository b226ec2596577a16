"""MSK's clusters through boto3, and what follows from them for Kafka's clients."""

import pytest
from botocore.exceptions import ClientError
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from localaws.daemon import Connection
from tests.localaws.services.kafka_face import (
    PATIENCE,
    PLAIN,
    SUBNETS,
    Aws,
    asked,
    became,
    bootstrap,
    create,
    described,
    group,
    held,
    make_topic,
    processes,
    produce,
    until,
)


def test_a_life_of_a_cluster(aws: Aws, endpoint: Connection) -> None:
    kafka = aws("kafka")
    with held(endpoint):
        made = kafka.create_cluster(**asked(Tags={"team": "ground"}))
        arn = made["ClusterArn"]
        assert made["State"] == "CREATING"
        assert arn.startswith("arn:aws:kafka:us-east-1:123456789012:cluster/desk/")
        with pytest.raises(ClientError, match="for a cluster in CREATING state"):
            kafka.get_bootstrap_brokers(ClusterArn=arn)
        with pytest.raises(ClientError, match="ConflictException"):
            kafka.create_cluster(**asked())
    found = became(aws, arn, "ACTIVE")
    assert found["NumberOfBrokerNodes"] == 3
    assert found["CurrentBrokerSoftwareInfo"] == {"KafkaVersion": "3.9.x"}
    assert found["BrokerNodeGroupInfo"]["ClientSubnets"] == SUBNETS
    assert found["BrokerNodeGroupInfo"]["StorageInfo"] == {
        "EbsStorageInfo": {"VolumeSize": 100}
    }
    assert processes() == 1
    where = bootstrap(aws, arn)
    assert len(where["bootstrap.servers"].split(",")) == 3
    seen = AdminClient(where).list_topics(timeout=PATIENCE).brokers.values()
    nodes = kafka.list_nodes(ClusterArn=arn)["NodeInfoList"]
    assert {f"{one.host}:{one.port}" for one in seen} == {
        node["BrokerNodeInfo"]["Endpoints"][0] for node in nodes
    }
    assert [node["BrokerNodeInfo"]["ClientSubnet"] for node in nodes] == SUBNETS
    with pytest.raises(ClientError, match="current version"):
        kafka.delete_cluster(ClusterArn=arn, CurrentVersion="K0")
    gone = kafka.delete_cluster(ClusterArn=arn, CurrentVersion=found["CurrentVersion"])
    assert gone["State"] == "DELETING"
    until(lambda: described(aws, arn) is None)
    assert processes() == 0


def test_the_second_version_of_the_api(aws: Aws) -> None:
    kafka = aws("kafka")
    wanted = asked()
    name = wanted.pop("ClusterName")
    made = kafka.create_cluster_v2(ClusterName=name, Provisioned=wanted)
    assert made["ClusterType"] == "PROVISIONED"
    arn = made["ClusterArn"]
    became(aws, arn, "ACTIVE")
    found = kafka.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]
    assert found["Provisioned"]["NumberOfBrokerNodes"] == 3
    listed = kafka.list_clusters_v2(ClusterTypeFilter="PROVISIONED")
    assert listed["ClusterInfoList"] == [found]
    listed = kafka.list_clusters_v2(ClusterTypeFilter="SERVERLESS")
    assert listed["ClusterInfoList"] == []
    with pytest.raises(ClientError, match="clients sign in with IAM"):
        kafka.create_cluster_v2(
            ClusterName="less",
            Serverless={"VpcConfigs": [{"SubnetIds": ["subnet-a"]}]},
        )


def test_lists_and_tags(aws: Aws) -> None:
    kafka = aws("kafka")
    arns = [create(aws, name, Tags={"n": name}) for name in ("day", "dawn", "night")]
    pages = kafka.get_paginator("list_clusters").paginate(
        ClusterNameFilter="da", PaginationConfig={"PageSize": 1}
    )
    found = [page["ClusterInfoList"] for page in pages]
    assert [[row["ClusterName"] for row in rows] for rows in found] == [
        ["day"],
        ["dawn"],
    ]
    kafka.tag_resource(ResourceArn=arns[0], Tags={"team": "ground", "n": "1"})
    kafka.untag_resource(ResourceArn=arns[0], TagKeys=["team"])
    assert kafka.list_tags_for_resource(ResourceArn=arns[0])["Tags"] == {"n": "1"}
    assert described(aws, arns[1])["Tags"] == {"n": "dawn"}


def test_a_cluster_is_deleted_under_its_clients(aws: Aws) -> None:
    arn = create(aws)
    where = bootstrap(aws, arn)
    make_topic(where, "clicks")
    produce(where, "clicks", [("k", "v")])
    errors: list[object] = []
    producer = Producer({**where, "message.timeout.ms": 2000})
    aws("kafka").delete_cluster(ClusterArn=arn)
    until(lambda: described(aws, arn) is None)
    producer.produce(
        "clicks", "late", on_delivery=lambda error, _: errors.append(error)
    )
    producer.flush(PATIENCE)
    assert errors[0] is not None
    again = create(aws)
    assert AdminClient(bootstrap(aws, again)).list_topics(timeout=PATIENCE).topics == {}


TLS = {"EncryptionInTransit": {"ClientBroker": "TLS"}}
KEYS = {"EncryptionAtRest": {"DataVolumeKMSKeyId": "key"}}
PUBLIC = {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}}


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"EncryptionInfo": TLS}, "ClientBroker='TLS' .here only 'PLAINTEXT'"),
        ({"EncryptionInfo": {}}, "without EncryptionInfo.*ClientBroker"),
        ({"EncryptionInfo": {**PLAIN, **KEYS}}, "encrypts the volumes"),
        (
            {"ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}},
            "who they are",
        ),
        ({"KafkaVersion": "2.8.1"}, "KafkaVersion='2.8.1'"),
        ({"EnhancedMonitoring": "PER_BROKER"}, "PER_BROKER"),
        ({"StorageMode": "TIERED"}, "TIERED"),
        ({"BrokerNodeGroupInfo": group(SecurityGroups=["sg-1"])}, "these groups"),
        ({"BrokerNodeGroupInfo": group(ConnectivityInfo=PUBLIC)}, "reachable"),
        ({"BrokerNodeGroupInfo": group(InstanceType="express.m7g.large")}, "express"),
        ({"BrokerNodeGroupInfo": group(InstanceType="ml.m5.large")}, "BadRequest"),
        ({"BrokerNodeGroupInfo": group(ClientSubnets=["a"])}, "at least two"),
        ({"NumberOfBrokerNodes": 4}, "must be a multiple of Availability Zones"),
        ({"ClusterName": "my_desk"}, "characters that are not valid"),
    ],
)
def test_wrong_clusters_are_refused(
    aws: Aws, members: dict[str, object], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        aws("kafka").create_cluster(**{**asked(), **members})
    assert aws("kafka").list_clusters()["ClusterInfoList"] == []


def test_unknown_clusters_and_operations(aws: Aws) -> None:
    kafka = aws("kafka")
    arn = "arn:aws:kafka:us-east-1:123456789012:cluster/nobody/1-1"
    for call in (
        kafka.describe_cluster,
        kafka.describe_cluster_v2,
        kafka.get_bootstrap_brokers,
        kafka.list_nodes,
        kafka.delete_cluster,
        kafka.list_topics,
    ):
        with pytest.raises(ClientError, match="NotFoundException"):
            call(ClusterArn=arn)
    with pytest.raises(ClientError, match="BadRequestException"):
        kafka.describe_cluster(ClusterArn="desk")
    with pytest.raises(ClientError, match="NotFoundException"):
        kafka.list_tags_for_resource(ResourceArn=arn)
    with pytest.raises(ClientError, match="kafka:UpdateBrokerCount does not act"):
        kafka.update_broker_count(
            ClusterArn=arn, CurrentVersion="K1", TargetNumberOfBrokerNodes=6
        )
    with pytest.raises(ClientError, match="kafka:RebootBroker does not act"):
        kafka.reboot_broker(ClusterArn=arn, BrokerIds=["1"])


def test_a_lambda_function_reads_no_cluster(aws: Aws) -> None:
    with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
        aws("lambda").create_event_source_mapping(
            EventSourceArn="arn:aws:kafka:us-east-1:123456789012:cluster/desk/1-1",
            FunctionName="f",
            Topics=["clicks"],
            StartingPosition="LATEST",
        )
