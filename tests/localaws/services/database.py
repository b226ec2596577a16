"""A DB instance, and how tests wait for it and connect to it."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
PATIENCE = 240
PASSWORD = "a 'quoted' secret"


def create(aws: Aws, name: str = "desk", **members: Any) -> Any:
    """Create a DB instance and wait until one can connect."""
    aws("rds").create_db_instance(
        **{
            "DBInstanceIdentifier": name,
            "Engine": "postgres",
            "DBInstanceClass": "db.t3.micro",
            "AllocatedStorage": 20,
            "MasterUsername": "maria",
            "MasterUserPassword": PASSWORD,
            "DBName": "flights",
            **members,
        }
    )
    return became(aws, "available", name)


def described(aws: Aws, name: str = "desk") -> Any:
    """Return the description of a DB instance, None if there is none."""
    try:
        found = aws("rds").describe_db_instances(DBInstanceIdentifier=name)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "DBInstanceNotFound"
        return None
    return found["DBInstances"][0]


def became(aws: Aws, status: str, name: str = "desk") -> Any:
    """Wait until a DB instance has a status."""

    def reached() -> Any:
        found = described(aws, name)
        assert found["DBInstanceStatus"] != "failed"
        return found if found["DBInstanceStatus"] == status else None

    return until(reached)


def until(look: Callable[[], Any]) -> Any:
    """Poll until something is found."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {PATIENCE} s")


def connected(instance: Any, **members: Any) -> Any:
    """Connect as the master user."""
    endpoint = instance["Endpoint"]
    return psycopg.connect(
        **{
            "host": endpoint["Address"],
            "port": endpoint["Port"],
            "user": "maria",
            "password": PASSWORD,
            "dbname": "flights",
            "autocommit": True,
            **members,
        }
    )
