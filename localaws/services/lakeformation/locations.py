"""Places in S3 that Lake Formation reads with a role of its own."""

from typing import Any

from localaws import trust
from localaws.errors import AwsError
from localaws.lake.errors import QueryError
from localaws.services.context import Context
from localaws.services.lakeformation import linked
from localaws.services.lakeformation.errors import absent, denied, invalid, taken
from localaws.services.lakeformation.operations import page
from localaws.services.permissions import Caller
from localaws.services.records import Records

Members = dict[str, Any]
_TABLE = "lakeformation-location"
_S3 = "arn:aws:s3:::"
_SESSION = "AWSLF-00-AT-123456789012-lake"


def register(context: Context, given: Members, caller: Caller) -> Members:
    """Answer RegisterResource."""
    arn, by_service = given["ResourceArn"], given.get("UseServiceLinkedRole", False)
    if not arn.startswith(_S3) or not arn[len(_S3) :].strip("/"):
        raise invalid(f"Unsupported resource: {arn}")
    if by_service == ("RoleArn" in given):
        raise invalid(
            "Either RoleArn or UseServiceLinkedRole=true must be given, and not both."
        )
    role = linked.ROLE if by_service else _role(context, given["RoleArn"], caller)
    records = context.part(Records)
    with records.lock:
        if records.get(_TABLE, _key(arn)):
            raise taken("Resource is already registered")
        _keep(context, arn, role)
    return {}


def update(context: Context, given: Members, caller: Caller) -> Members:
    """Answer UpdateResource."""
    found = _found(context, given["ResourceArn"])
    role = _role(context, given["RoleArn"], caller)
    _keep(context, found["ResourceArn"], role)
    return {}


def _keep(context: Context, arn: str, role: str) -> None:
    context.part(Records).put(
        _TABLE,
        _key(arn),
        {
            "ResourceArn": arn,
            "RoleArn": role,
            "LastModified": context.clock.now(),
            "WithFederation": False,
            "HybridAccessEnabled": False,
        },
    )
    _link(context)


def _link(context: Context) -> None:
    """Let the service-linked role read what was registered with it."""
    every = context.part(Records).all(_TABLE).values()
    linked.set_places(
        context,
        sorted(one["ResourceArn"] for one in every if one["RoleArn"] == linked.ROLE),
    )


def deregister(context: Context, given: Members, caller: Caller) -> Members:
    """Answer DeregisterResource."""
    _found(context, given["ResourceArn"])
    context.part(Records).drop(_TABLE, _key(given["ResourceArn"]))
    _link(context)
    return {}


def describe(context: Context, given: Members, caller: Caller) -> Members:
    """Answer DescribeResource."""
    return {"ResourceInfo": _shown(context, _found(context, given["ResourceArn"]))}


def names(context: Context, given: Members, caller: Caller) -> Members:
    """Answer ListResources."""
    found = context.part(Records).all(_TABLE).values()
    every = sorted(found, key=lambda one: one["ResourceArn"])
    shown = [_shown(context, one) for one in every]
    return page("ResourceInfoList", shown, given)


def _shown(context: Context, found: Members) -> Members:
    path = found["ResourceArn"].rstrip("/")
    role = found["RoleArn"]
    try:
        held = Caller(context.aws, role)
        asked = [("s3:GetObject", f"{path}/*"), ("s3:ListBucket", path.split("/")[0])]
        enough = all(held.may(action, on) for action, on in asked)
        state = "VERIFIED" if enough else "NOT_VERIFIED"
    except AwsError:
        state = "VERIFICATION_FAILED"
    return found | {"VerificationStatus": state}


def _role(context: Context, arn: str, caller: Caller) -> str:
    iam = context.aws.client("iam")
    try:
        iam.get_role(RoleName=arn.rpartition("/")[2])
    except iam.exceptions.NoSuchEntityException as error:
        raise invalid(f"The role {arn} does not exist.") from error
    if not caller.may("iam:PassRole", arn):
        raise denied(
            f"User: {caller.arn} is not authorized to perform: iam:PassRole on "
            f"resource: {arn}"
        )
    return arn


def _key(arn: str) -> str:
    return arn.rstrip("/")


def _found(context: Context, arn: str) -> Members:
    found = context.part(Records).get(_TABLE, _key(arn))
    if found is None:
        raise absent("Entity not found")
    return found


def covering(context: Context, uri: str) -> Members | None:
    """Return the registered place that a location is in, the nearest one."""
    arn = f"{_S3}{uri.removeprefix('s3://')}".rstrip("/") + "/"
    every = context.part(Records).all(_TABLE)
    fits = [key for key in every if arn.startswith(f"{key}/")]
    return every[max(fits, key=len)] if fits else None


def reader(context: Context, uri: str) -> Caller | None:
    """Return who reads a location on Lake Formation's behalf; None if it is free.

    Raises:
        QueryError: Lake Formation cannot assume the role of the place.
    """
    place = covering(context, uri)
    if place is None:
        return None
    role = place["RoleArn"]
    if not trust.trusts(context.aws, role, linked.SERVICE):
        raise QueryError(
            f"PERMISSION_DENIED: Lake Formation cannot assume the role {role} of the "
            f"registered location {place['ResourceArn']}: its trust policy does not "
            f"name {linked.SERVICE}",
            1501,
        )
    return Caller(context.aws, role, trust.assume(context.aws, role, _SESSION))


OPERATIONS = {
    "RegisterResource": register,
    "UpdateResource": update,
    "DeregisterResource": deregister,
    "DescribeResource": describe,
    "ListResources": names,
}
