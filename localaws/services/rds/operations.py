"""RDS: moto answers, and what it says is made to happen."""

from collections.abc import Callable
from typing import Any

from localaws import compat
from localaws.errors import AwsError
from localaws.query import parse_query
from localaws.services.context import Context
from localaws.services.rds import billing, exports, logs
from localaws.services.rds.answers import amended
from localaws.services.rds.instances import INSTANCES, SNAPSHOTS, Instances
from localaws.services.rds.postgres import VERSION
from localaws.store import model
from localaws.wire import Request, Response

_TABLES = {"DBInstance": INSTANCES, "DBSnapshot": SNAPSHOTS}
_STOPPED = ("stopping", "stopped")
Members = dict[str, Any]
Handler = Callable[[Context, Request], Response]


def given_to(operation: str, request: Request) -> Members:
    """Return the input of an operation."""
    return parse_query(
        model("rds").operation_model(operation).input_shape, request.body
    )


def _amended(context: Context, response: Response, gone: bool = False) -> Response:
    records = context.part(Instances).records
    return amended(response, lambda kind, name: records.get(_TABLES[kind], name), gone)


def _demand(context: Context, name: str, *statuses: str) -> None:
    """Raise unless an instance has one of some statuses; moto knows one that is not."""
    known = context.part(Instances).status(name)
    if known is not None and known["status"] not in statuses:
        raise AwsError(
            "InvalidDBInstanceState",
            f"Instance {name} is not in {statuses[0]} state.",
        )


def read(context: Context, request: Request) -> Response:
    """Answer what changes nothing."""
    return _amended(context, context.moto(request))


def create(context: Context, request: Request) -> Response:
    """Answer CreateDBInstance."""
    given = given_to("CreateDBInstance", request)
    for name in ("MasterUsername", "MasterUserPassword"):
        if not given.get(name):
            raise AwsError(
                "InvalidParameterValue", f"The parameter {name} must be provided."
            )
    for name in ("MasterUsername", "MasterUserPassword", "DBName"):
        text = given.get(name, "")
        if not (text.isascii() and text.isprintable()):
            # a new line would end a statement of the superuser's
            raise AwsError(
                "InvalidParameterValue",
                f"The parameter {name} is not valid. Only printable ASCII characters "
                "may be used.",
            )
    if len(given["MasterUserPassword"]) < 8:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password because it is "
            "shorter than 8 characters.",
        )
    if given["MasterUsername"].lower() in ("rdsadmin", "postgres_admin", "admin"):
        raise AwsError(
            "InvalidParameterValue",
            f"MasterUsername {given['MasterUsername']} cannot be used as it is a "
            "reserved word used by the engine",
        )
    asked = request
    if "EngineVersion" not in given:
        body = request.body + f"&EngineVersion={VERSION}".encode()
        asked = compat.with_body(request, body)
    response = context.moto(asked)
    if response.status == 200:
        name = given["DBInstanceIdentifier"].lower()
        context.part(Instances).create(name, given)
        billing.rent(context, name, up=True)
    return _amended(context, response)


def modify(context: Context, request: Request) -> Response:
    """Answer ModifyDBInstance."""
    given = given_to("ModifyDBInstance", request)
    name = given["DBInstanceIdentifier"].lower()
    password = given.get("MasterUserPassword")
    if password is not None:
        _demand(context, name, "available")
    response = context.moto(request)
    if response.status == 200:
        instances = context.part(Instances)
        if password is not None:
            instances.change_password(name, password)
        known = instances.status(name) or {}
        billing.rent(context, name, up=known.get("status") not in _STOPPED)
    return _amended(context, response)


def _command(
    operation: str, status: str, obey: Callable[[Instances, str], None]
) -> Handler:
    """Return what answers a command that an instance obeys in one status."""

    def answer(context: Context, request: Request) -> Response:
        name = given_to(operation, request)["DBInstanceIdentifier"].lower()
        _demand(context, name, status)
        response = context.moto(request)
        if response.status == 200:
            obey(context.part(Instances), name)
            billing.rent(context, name, up=operation != "StopDBInstance")
        return _amended(context, response)

    return answer


def delete(context: Context, request: Request) -> Response:
    """Answer DeleteDBInstance, with or without a last snapshot."""
    given = given_to("DeleteDBInstance", request)
    name = given["DBInstanceIdentifier"].lower()
    last = given.get("FinalDBSnapshotIdentifier")
    skip = str(given.get("SkipFinalSnapshot", "false")).lower() == "true"
    if not skip and not last:
        raise AwsError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is "
            "specified.",
        )
    response = context.moto(request)
    instances = context.part(Instances)
    if response.status == 200 and instances.status(name) is not None:
        if last and not skip:
            instances.snapshot(name, last.lower())
        response = _amended(context, response, gone=True)
        instances.delete(name)
        billing.end(context, name)
    return response


def snapshot(context: Context, request: Request) -> Response:
    """Answer CreateDBSnapshot."""
    given = given_to("CreateDBSnapshot", request)
    name = given["DBInstanceIdentifier"].lower()
    _demand(context, name, "available", "stopped")
    response = context.moto(request)
    if response.status == 200:
        instances = context.part(Instances)
        instances.snapshot(name, given["DBSnapshotIdentifier"].lower())
    return _amended(context, response)


def drop_snapshot(context: Context, request: Request) -> Response:
    """Answer DeleteDBSnapshot."""
    given = given_to("DeleteDBSnapshot", request)
    response = context.moto(request)
    if response.status == 200:
        context.part(Instances).drop_snapshot(given["DBSnapshotIdentifier"].lower())
    return response


def restore(context: Context, request: Request) -> Response:
    """Answer RestoreDBInstanceFromDBSnapshot."""
    given = given_to("RestoreDBInstanceFromDBSnapshot", request)
    source = given["DBSnapshotIdentifier"].rpartition(":")[2].lower()
    instances = context.part(Instances)
    known = instances.records.get(SNAPSHOTS, source)
    if known is not None and known["status"] != "available":
        raise AwsError(
            "InvalidDBSnapshotState", f"Snapshot {source} is not in available state."
        )
    response = context.moto(request)
    if response.status == 200:
        name = given["DBInstanceIdentifier"].lower()
        instances.restore(name, source)
        billing.rent(context, name, up=True)
    return _amended(context, response)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("rds", "CreateDBInstance"): create,
    ("rds", "DescribeDBInstances"): read,
    ("rds", "ModifyDBInstance"): modify,
    ("rds", "StartDBInstance"): _command("StartDBInstance", "stopped", Instances.start),
    ("rds", "StopDBInstance"): _command("StopDBInstance", "available", Instances.stop),
    ("rds", "RebootDBInstance"): _command(
        "RebootDBInstance", "available", Instances.reboot
    ),
    ("rds", "DeleteDBInstance"): delete,
    ("rds", "CreateDBSnapshot"): snapshot,
    ("rds", "DescribeDBSnapshots"): read,
    ("rds", "DeleteDBSnapshot"): drop_snapshot,
    ("rds", "RestoreDBInstanceFromDBSnapshot"): restore,
    **exports.HANDLERS,
    **logs.HANDLERS,
}
