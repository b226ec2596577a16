"""The cloud that a notebook speaks to: the local AWS endpoint, or AWS itself.

    from helpers import cloud
    cloud.start()

Everything else in a notebook is plain boto3 or SageMaker SDK. `MLA_TARGET=aws` takes
the same cells to the AWS account of the environment; any other target but `local`, the
default, is refused. Nothing here wraps a call of AWS that a learner should write.
"""

import datetime as dt
import json
import os
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from localaws.daemon import Connection

ROLE = "mla-workbook-sagemaker"

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {
                "Service": [
                    f"{service}.amazonaws.com"
                    for service in (
                        *("sagemaker", "glue", "datasync", "export.rds"),
                        *("firehose", "kinesisanalytics", "databrew", "emr-serverless"),
                    )
                ]
            },
            "Action": "sts:AssumeRole",
        }
    ],
}
_POLICIES = (
    "AmazonSageMakerFullAccess",
    "AmazonS3FullAccess",
    "AmazonKinesisReadOnlyAccess",
)


class Clock:
    """The endpoint's clock, which a lesson may move on; AWS's own it can only read."""

    def now(self) -> dt.datetime:
        """Return the time that the services see, in UTC."""
        if _target() == "aws":
            return dt.datetime.now(dt.UTC)
        return dt.datetime.fromisoformat(_running().control("GET", "status")["now"])

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0
    ) -> dt.datetime:
        """Move the time on, so that what is due by then happens.

        Args:
            days: Days to add.
            hours: Hours to add.
            minutes: Minutes to add.

        Returns:
            The new time, in UTC.

        Raises:
            ValueError: If the step is not forward.
            RuntimeError: On AWS, where time cannot be moved.
        """
        step = dt.timedelta(days=days, hours=hours, minutes=minutes)
        if step <= dt.timedelta():
            raise ValueError(f"the clock only goes forward: asked for {step}")
        _local_only("cloud.clock.advance()", "wait, or start the work by hand")
        return self._move(step.total_seconds())

    def sleep(self, seconds: float) -> None:
        """Wait, as one waits on AWS; locally the endpoint's clock moves on instead."""
        if _target() == "aws":
            time.sleep(seconds)
        else:
            self._move(seconds)

    def _move(self, seconds: float) -> dt.datetime:
        answer = _running().control("POST", "clock", {"seconds": seconds})
        return dt.datetime.fromisoformat(answer["now"])


clock = Clock()


def start() -> None:
    """Connect this notebook, and say to what.

    Starts the local endpoint if it does not run. Where that fails, every later AWS
    call of this process is refused, so that no cell reaches AWS by mistake.

    Raises:
        RuntimeError: If the endpoint does not start, or `MLA_TARGET` is unknown.
    """
    from localaws import client

    client.seal()
    if _target() == "aws":
        client.uninstall()
        _announce_aws()
        return
    from localaws import daemon

    connection = daemon.start(tell=print)
    client.install(connection)
    if connection.note:
        print(connection.note)
    print(
        f"Local AWS endpoint · account {connection.account} · {connection.region} "
        "· nothing leaves this machine"
    )


def status() -> dict[str, Any]:
    """Return what the notebook is connected to, and what runs there."""
    if _target() == "aws":
        return {"target": "aws"}
    connection = _find()
    if connection is None:
        return {"target": "local", "running": False}
    state = connection.control("GET", "status")
    shown = {name: state[name] for name in ("jobs", "endpoints", "now")}
    return {"target": "local", "running": True, **shown}


def reset() -> None:
    """Empty the local endpoint: no bucket, no job, no bill; the clock at its start.

    Raises:
        RuntimeError: On AWS, where nothing is ever emptied for you.
    """
    _local_only("cloud.reset()", "delete what you made")
    _running().control("POST", "reset")


def stop() -> None:
    """Stop the local endpoint; AWS calls are then refused until `cloud.start()`."""
    if _target() == "aws":
        return
    from localaws import client, daemon

    daemon.stop()
    client.seal()


def bill() -> "pd.DataFrame":
    """Return what AWS would have charged for the work since the last reset.

    Returns:
        One row a kind of usage and resource, and a row `Total`. Costs are in US
        dollars, modelled from dated prices; where a price is unknown, the cost is
        missing and `note` says why. On AWS, where Billing has the true figures, no
        row but the total.
    """
    import pandas as pd

    columns = ["service", "usage", "resource", "quantity", "unit", "unit_price"]
    columns += ["cost", "note", "simulated"]
    lines = []
    if _target() == "local":
        lines = _running().control("GET", "bill")["lines"]
    table = pd.DataFrame(lines, columns=columns)
    unknown = int(table["cost"].isna().sum())
    total = {
        "service": "Total",
        "cost": round(float(table["cost"].sum()), 6) if _target() == "local" else None,
        "note": f"{unknown} without a price" if unknown else "",
        "simulated": True,
    }
    if _target() == "aws":
        total |= {"note": "see Billing and Cost Management", "simulated": False}
    total = {name: total.get(name, "") for name in columns} | {
        name: total.get(name) for name in ("quantity", "unit_price", "cost")
    }
    return pd.DataFrame([*table.to_dict("records"), total], columns=columns)


def role() -> str:
    """Return the ARN of the course's SageMaker execution role, made at first use."""
    import boto3

    iam = boto3.client("iam")
    try:
        return iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        made = iam.create_role(
            RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(_TRUST)
        )
    for name in _POLICIES:
        arn = f"arn:aws:iam::aws:policy/{name}"
        iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    return made["Role"]["Arn"]


def _target() -> str:
    target = os.environ.get("MLA_TARGET") or "local"
    if target not in ("local", "aws"):
        raise RuntimeError(
            f"MLA_TARGET asks for 'local' or 'aws', found {target!r}: "
            "unset it to stay on this machine."
        )
    return target


def _local_only(what: str, instead: str) -> None:
    if _target() == "aws":
        raise RuntimeError(f"{what} works on the local endpoint only: {instead}.")


def _find() -> "Connection | None":
    from localaws import daemon

    return daemon.find()


def _running() -> "Connection":
    connection = _find()
    if connection is None:
        raise RuntimeError("the local AWS endpoint does not run: cloud.start()")
    return connection


def _announce_aws() -> None:
    turned = sorted(n for n in os.environ if n.startswith("AWS_ENDPOINT_URL"))
    if turned:
        raise RuntimeError(
            f"MLA_TARGET=aws asks for AWS itself, found {', '.join(turned)}: unset it."
        )
    import boto3

    session = boto3.Session()
    identity = session.client("sts").get_caller_identity()
    print(
        f"AWS account {identity['Account']} · {identity['Arn']} · "
        f"{session.region_name}\n"
        "This is not the local endpoint: what the next cells make is billed until "
        "you delete it."
    )
