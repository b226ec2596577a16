"""Crawlers for the tests: a role for them, their runs, and what they leave behind."""

import json
import time
from typing import Any

from tests.localaws.services.lake import BUCKET, PATIENCE, Aws

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "glue.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
READ = {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": ["arn:aws:s3:::on-time-desk", "arn:aws:s3:::on-time-desk/*"],
}


def crawl_role(aws: Aws) -> str:
    """Make a role with which Glue may read the bucket, and return its ARN."""
    made = aws("iam").create_role(RoleName="crawl", AssumeRolePolicyDocument=TRUST)
    allow(aws, READ)
    return made["Role"]["Arn"]


def allow(aws: Aws, *statements: dict[str, Any]) -> None:
    """Set what the role may do."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    aws("iam").put_role_policy(
        RoleName="crawl", PolicyName="p", PolicyDocument=json.dumps(document)
    )


def make(aws: Aws, role: str, path: str, name: str = "desk", **members: Any) -> None:
    """Make a crawler of one path."""
    target = {"Path": f"s3://{BUCKET}/{path}", **members.pop("target", {})}
    aws("glue").create_crawler(
        **{
            "Name": name,
            "Role": role,
            "DatabaseName": "desk",
            "Targets": {"S3Targets": [target]},
            **members,
        }
    )


def ended(aws: Aws, name: str = "desk") -> Any:
    """Wait until a crawler is READY again and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        crawler = aws("glue").get_crawler(Name=name)["Crawler"]
        if crawler["State"] == "READY":
            return crawler
        time.sleep(0.05)
    raise AssertionError(f"the crawler still runs after {PATIENCE} s")


def crawl(aws: Aws, name: str = "desk") -> Any:
    """Run a crawler and return it."""
    aws("glue").start_crawler(Name=name)
    crawler = ended(aws, name)
    last = crawler["LastCrawl"]
    assert last["Status"] == "SUCCEEDED", last.get("ErrorMessage")
    return crawler


def tables(aws: Aws) -> dict[str, Any]:
    """Return the tables of the database by name."""
    found = aws("glue").get_tables(DatabaseName="desk")["TableList"]
    return {one["Name"]: one for one in found}


def columns(table: Any) -> list[tuple[str, str]]:
    """Return names and types of a table's columns."""
    found = table["StorageDescriptor"]["Columns"]
    return [(one["Name"], one["Type"]) for one in found]


def log(aws: Aws, name: str = "desk") -> list[str]:
    """Return the lines of a crawler's log."""
    found = aws("logs").get_log_events(
        logGroupName="/aws-glue/crawlers", logStreamName=name, startFromHead=True
    )
    return [event["message"] for event in found["events"]]
