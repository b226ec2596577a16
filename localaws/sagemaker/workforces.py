"""The private workforce of the account: who may be in its work teams."""

from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import listed

Members = dict[str, Any]


def create_workforce(engine: Engine, request: Members) -> Members:
    """Store the account's one workforce."""
    config = [name for name in ("CognitoConfig", "OidcConfig") if name in request]
    if len(config) != 1:
        raise ValidationError("Specify exactly one of CognitoConfig and OidcConfig.")
    return {"WorkforceArn": make(engine, request)["WorkforceArn"]}


def make(engine: Engine, request: Members) -> Members:
    """Store a workforce and return it.

    Args:
        engine: Where to.
        request: Of CreateWorkforce.

    Raises:
        ValidationError: There is one already.
    """
    with engine.store.lock:
        found = engine.store.documents("Workforce")
        if found:
            raise ValidationError(
                f"There is already a workforce in this Region: "
                f"{found[0]['WorkforceArn']}."
            )
        given = dict(request)
        if "OidcConfig" in given:
            given["OidcConfig"] = {**given["OidcConfig"]}
            given["OidcConfig"].pop("ClientSecret")
        now = engine.clock.now()
        number = engine.clock.count("workforce")
        return engine.store.create(
            "Workforce",
            given,
            Status="Active",
            SubDomain=f"{number:010x}.labeling.{engine.store.region}.sagemaker.aws",
            CreateDate=now,
            LastUpdatedDate=now,
        )


def describe_workforce(engine: Engine, request: Members) -> Members:
    """Answer with the workforce as it stands."""
    return {"Workforce": engine.store.find("Workforce", request["WorkforceName"])}


def delete_workforce(engine: Engine, request: Members) -> Members:
    """Remove a workforce that has no work team."""
    with engine.store.lock:
        found = engine.store.find("Workforce", request["WorkforceName"])
        arn = found["WorkforceArn"]
        teams = engine.store.documents("Workteam")
        if any(team["WorkforceArn"] == arn for team in teams):
            raise AwsError(
                "ResourceInUse", f"{arn} has work teams; delete them before it."
            )
        engine.store.delete("Workforce", request["WorkforceName"])
    return {}


HANDLERS = {
    "CreateWorkforce": create_workforce,
    "DescribeWorkforce": describe_workforce,
    "ListWorkforces": listed("Workforce"),
    "DeleteWorkforce": delete_workforce,
}
