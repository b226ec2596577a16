"""RDS through boto3 and psycopg: a PostgreSQL that one really connects to."""

import os
from typing import Any

import psutil
import psycopg
import pytest
from botocore.exceptions import ClientError

from tests.localaws.services.database import (
    PASSWORD,
    Aws,
    became,
    connected,
    create,
    described,
    until,
)


def servers() -> int:
    """Return how many PostgreSQL servers of this endpoint there are."""
    home = os.environ["LOCALAWS_HOME"]
    return sum(
        any(home in part for part in one.info["cmdline"] or ())
        and "postgres" in one.info["cmdline"][0]
        for one in psutil.process_iter(["cmdline"])
    )


def test_a_life_of_a_database(aws: Aws) -> None:
    instance = create(aws)
    assert servers() == 1
    assert instance["Endpoint"]["Address"] == "127.0.0.1"
    assert instance["EngineVersion"] == "18.6"
    with connected(instance) as found:
        found.execute("CREATE TABLE planes (tail text PRIMARY KEY, seats int)")
        found.execute("INSERT INTO planes VALUES ('N1', 100), ('N2', NULL)")
        (version,) = found.execute("SHOW server_version").fetchone()
        assert version == "18.6"
        (is_super,) = found.execute("SHOW is_superuser").fetchone()
        assert is_super == "off"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            found.execute("CREATE ROLE boss SUPERUSER")
    with pytest.raises(psycopg.OperationalError, match="password authentication"):
        connected(instance, password="wrong")
    rds = aws("rds")
    rds.stop_db_instance(DBInstanceIdentifier="desk")
    with pytest.raises(ClientError, match="not in available state"):
        rds.reboot_db_instance(DBInstanceIdentifier="desk")
    became(aws, "stopped")
    with pytest.raises(psycopg.OperationalError):
        connected(instance)
    rds.start_db_instance(DBInstanceIdentifier="desk")
    instance = became(aws, "available")
    with connected(instance) as found:
        assert found.execute("SELECT count(*) FROM planes").fetchone() == (2,)
    rds.modify_db_instance(
        DBInstanceIdentifier="desk", MasterUserPassword="another secret"
    )
    instance = became(aws, "available")
    connected(instance, password="another secret").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication"):
        connected(instance)
    rds.reboot_db_instance(DBInstanceIdentifier="desk")
    instance = became(aws, "available")
    connected(instance, password="another secret").close()
    (file,) = rds.describe_db_log_files(DBInstanceIdentifier="desk")[
        "DescribeDBLogFiles"
    ]
    portion = rds.download_db_log_file_portion(
        DBInstanceIdentifier="desk", LogFileName=file["LogFileName"]
    )
    assert "password authentication failed" in portion["LogFileData"]
    assert not portion["AdditionalDataPending"]
    with pytest.raises(ClientError, match="FinalDBSnapshotIdentifier is required"):
        rds.delete_db_instance(DBInstanceIdentifier="desk")
    rds.delete_db_instance(DBInstanceIdentifier="desk", SkipFinalSnapshot=True)
    assert described(aws) is None
    until(lambda: servers() == 0)


def test_there_is_no_address_before_there_is_a_server(aws: Aws) -> None:
    made = aws("rds").create_db_instance(
        DBInstanceIdentifier="Desk",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        MasterUsername="maria",
        MasterUserPassword=PASSWORD,
    )["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in made
    with pytest.raises(ClientError, match="DBInstanceAlreadyExists"):
        create(aws)
    aws("rds").get_waiter("db_instance_available").wait(DBInstanceIdentifier="desk")
    with connected(described(aws), dbname="postgres") as found:
        found.execute("CREATE TABLE t (a int)")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"Engine": "mysql"}, "'mysql' .here only 'postgres'"),
        ({"EngineVersion": "15.4"}, "15.4"),
        ({"Port": 5432}, "listens on this port"),
        ({"MultiAZ": True}, "standby"),
        ({"MasterUserPassword": "short"}, "shorter than 8"),
        ({"MasterUsername": "rdsadmin"}, "reserved word"),
    ],
)
def test_wrong_databases_are_refused(
    aws: Aws, members: dict[str, object], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        create(aws, **members)
    assert aws("rds").describe_db_instances()["DBInstances"] == []


def test_unknown_databases(aws: Aws) -> None:
    rds = aws("rds")
    for call in (
        rds.start_db_instance,
        rds.stop_db_instance,
        rds.reboot_db_instance,
        rds.describe_db_log_files,
    ):
        with pytest.raises(ClientError, match="DBInstanceNotFound"):
            call(DBInstanceIdentifier="nobody")
    with pytest.raises(ClientError, match="NotImplementedInLocalEndpoint"):
        rds.create_db_cluster(DBClusterIdentifier="c", Engine="aurora-postgresql")


def test_a_stopped_instance_costs_its_storage_alone(aws: Aws, endpoint: Any) -> None:
    def month() -> dict[str, float]:
        endpoint.control("POST", "clock", {"seconds": 730 * 3600})
        lines = endpoint.control("GET", "bill")["lines"]
        return {one["usage"]: one["cost"] for one in lines if "RDS" in one["service"]}

    create(aws)
    both = {"PostgreSQL db.t3.micro": 730 * 0.018, "General purpose storage": 2.3}
    assert month() == pytest.approx(both, rel=0.01)
    aws("rds").stop_db_instance(DBInstanceIdentifier="desk")
    became(aws, "stopped")
    stored = both | {"General purpose storage": 4.6}
    assert month() == pytest.approx(stored, rel=0.01)
    aws("rds").delete_db_instance(DBInstanceIdentifier="desk", SkipFinalSnapshot=True)
    assert month() == pytest.approx(stored, rel=0.01)
