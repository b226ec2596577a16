"""MSK's configurations: what of them brokers obey, and what is refused."""

import pytest
from botocore.exceptions import ClientError
from confluent_kafka.admin import AdminClient, ConfigResource

from tests.localaws.services.kafka_face import (
    PATIENCE,
    Aws,
    asked,
    bootstrap,
    create,
    group,
    produce,
)

PROPERTIES = b"""
# what a team is used to
auto.create.topics.enable = true
num.partitions=5
default.replication.factor=2
message.max.bytes=3000
log.retention.hours=2
"""


def test_brokers_obey_a_configuration(aws: Aws) -> None:
    kafka = aws("kafka")
    made = kafka.create_configuration(Name="loose", ServerProperties=PROPERTIES)
    revision = {"Arn": made["Arn"], "Revision": made["LatestRevision"]["Revision"]}
    arn = create(aws, ConfigurationInfo=revision)
    described = kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]
    assert described["CurrentBrokerSoftwareInfo"] == {
        "ConfigurationArn": made["Arn"],
        "ConfigurationRevision": 1,
        "KafkaVersion": "3.9.x",
    }
    where = bootstrap(aws, arn)
    # auto.create.topics.enable
    assert len(produce(where, "new", [("k", "v")])) == 1
    admin = AdminClient(where)
    topic = admin.list_topics(timeout=PATIENCE).topics["new"]
    assert len(topic.partitions) == 5
    assert len(topic.partitions[0].replicas) == 2
    resource = ConfigResource(ConfigResource.Type.TOPIC, "new")
    configs = admin.describe_configs([resource])[resource].result(PATIENCE)
    assert configs["retention.ms"].value == str(2 * 3_600_000)
    with pytest.raises(AssertionError, match="MSG_SIZE_TOO_LARGE"):
        produce(where, "new", [("k", "x" * 4000)])
    with pytest.raises(ClientError, match="in use by a cluster"):
        kafka.delete_configuration(Arn=made["Arn"])


def test_msk_has_defaults_of_its_own(aws: Aws) -> None:
    for subnets, replicas, least in (
        (["a", "b"], "2", "1"),
        (["a", "b", "c"], "3", "2"),
    ):
        brokers = len(subnets)
        arn = create(
            aws,
            f"of-{brokers}",
            NumberOfBrokerNodes=brokers,
            BrokerNodeGroupInfo=group(ClientSubnets=subnets),
        )
        resource = ConfigResource(ConfigResource.Type.BROKER, "1")
        admin = AdminClient(bootstrap(aws, arn))
        found = admin.describe_configs([resource])[resource].result(PATIENCE)
        assert found["default.replication.factor"].value == replicas
        assert found["min.insync.replicas"].value == least
        assert found["auto.create.topics.enable"].value == "false"


def test_a_life_of_a_configuration(aws: Aws) -> None:
    kafka = aws("kafka")
    made = kafka.create_configuration(
        Name="loose", Description="first", ServerProperties=b"num.partitions=2"
    )
    arn = made["Arn"]
    with pytest.raises(ClientError, match="ConflictException"):
        kafka.create_configuration(Name="loose", ServerProperties=b"")
    updated = kafka.update_configuration(
        Arn=arn, Description="second", ServerProperties=b"num.partitions=3"
    )
    assert updated["LatestRevision"]["Revision"] == 2
    found = kafka.describe_configuration(Arn=arn)
    assert found["LatestRevision"]["Description"] == "second"
    assert (found["Description"], found["State"]) == ("first", "ACTIVE")
    for revision, content in ((1, b"num.partitions=2"), (2, b"num.partitions=3")):
        one = kafka.describe_configuration_revision(Arn=arn, Revision=revision)
        assert one["ServerProperties"] == content
    rows = kafka.list_configuration_revisions(Arn=arn)["Revisions"]
    assert [row["Revision"] for row in rows] == [1, 2]
    assert [row["Name"] for row in kafka.list_configurations()["Configurations"]] == [
        "loose"
    ]
    with pytest.raises(ClientError, match="no such revision"):
        wrong = {"Arn": arn, "Revision": 3}
        kafka.create_cluster(**asked(ConfigurationInfo=wrong))
    assert kafka.delete_configuration(Arn=arn)["State"] == "DELETING"
    with pytest.raises(ClientError, match="NotFoundException"):
        kafka.describe_configuration(Arn=arn)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"num.io.threads=8", "num.io.threads=8 does not act.*sets this property"),
        (b"num.partitions=none", "BadRequestException.*num.partitions"),
        (b"auto.create.topics.enable=yes", "BadRequestException"),
        (b"what is this", "is not a property"),
    ],
)
def test_other_properties_are_refused(aws: Aws, content: bytes, said: str) -> None:
    with pytest.raises(ClientError, match=said):
        aws("kafka").create_configuration(Name="odd", ServerProperties=content)
    assert aws("kafka").list_configurations()["Configurations"] == []
