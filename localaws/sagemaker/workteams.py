"""Work teams: who of the private workforce works on a job."""

from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.limits import limit
from localaws.sagemaker import workforces
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.generic import listed

Members = dict[str, Any]
_COGNITO, _OIDC = "CognitoMemberDefinition", "OidcMemberDefinition"
_USUAL = "default"


def create_workteam(engine: Engine, request: Members) -> Members:
    """Store a work team; the first one of Cognito's users brings the workforce."""
    kind = _kind(request["MemberDefinitions"])
    with engine.store.lock:
        teams = engine.store.documents("Workteam")
        most = int(limit("groundtruth", "workteams"))
        if len(teams) >= most:
            raise AwsError(
                "ResourceLimitExceeded",
                f"The account has {len(teams)} work teams; at most {most} may be.",
            )
        force = _workforce(engine, request, kind)
        _check_members(request["MemberDefinitions"], force)
        now = engine.clock.now()
        given = {key: is_ for key, is_ in request.items() if key != "WorkforceName"}
        document = engine.store.create(
            "Workteam",
            given,
            WorkforceArn=force["WorkforceArn"],
            SubDomain=force["SubDomain"],
            CreateDate=now,
            LastUpdatedDate=now,
            _issuer=force.get("OidcConfig", {}).get("Issuer"),
        )
    return {"WorkteamArn": document["WorkteamArn"]}


def _kind(members: list[Members]) -> str:
    kinds = {name for one in members for name in one}
    if len(kinds) != 1:
        raise ValidationError(
            "MemberDefinitions must be all of CognitoMemberDefinition, or all of "
            "OidcMemberDefinition."
        )
    return kinds.pop()


def _workforce(engine: Engine, request: Members, kind: str) -> Members:
    if "WorkforceName" in request:
        return engine.store.find("Workforce", request["WorkforceName"])
    found = engine.store.documents("Workforce")
    if found:
        return found[0]
    if kind == _OIDC:
        raise ValidationError("There is no workforce: call CreateWorkforce first.")
    first = request["MemberDefinitions"][0][_COGNITO]
    config = {"UserPool": first["UserPool"], "ClientId": first["ClientId"]}
    given = {"WorkforceName": _USUAL, "CognitoConfig": config}
    return workforces.make(engine, given)


def _check_members(members: list[Members], force: Members) -> None:
    kind = _kind(members)
    config = force.get("CognitoConfig")
    if (kind == _COGNITO) != (config is not None):
        raise ValidationError(f"The workforce {force['WorkforceArn']} takes no {kind}.")
    for one in members if config else ():
        given = {name: one[_COGNITO][name] for name in config or ()}
        if given != config:
            raise ValidationError(
                f"UserPool and ClientId must be those of the workforce, {config}; "
                f"found {given}."
            )


def describe_workteam(engine: Engine, request: Members) -> Members:
    """Answer with the work team as it stands."""
    return {"Workteam": engine.store.find("Workteam", request["WorkteamName"])}


def update_workteam(engine: Engine, request: Members) -> Members:
    """Set the members or the description of a work team."""
    with engine.store.lock:
        document = engine.store.find("Workteam", request["WorkteamName"])
        changes = {
            name: request[name]
            for name in ("MemberDefinitions", "Description")
            if name in request
        }
        if not changes:
            raise ValidationError("Specify MemberDefinitions or Description.")
        if "MemberDefinitions" in changes:
            name = document["WorkforceArn"]
            force = engine.store.find("Workforce", name)
            _check_members(changes["MemberDefinitions"], force)
        now = engine.clock.now()
        engine.store.change(document, **changes, LastUpdatedDate=now)
    return {"Workteam": document}


def delete_workteam(engine: Engine, request: Members) -> Members:
    """Remove a work team."""
    engine.store.delete("Workteam", request["WorkteamName"])
    return {"Success": True}


HANDLERS = {
    "CreateWorkteam": create_workteam,
    "DescribeWorkteam": describe_workteam,
    "ListWorkteams": listed("Workteam"),
    "UpdateWorkteam": update_workteam,
    "DeleteWorkteam": delete_workteam,
}
