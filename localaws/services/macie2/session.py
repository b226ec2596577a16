"""Macie of an account: enabled, paused, disabled, with the role that it reads with."""

import json

from localaws.errors import ValidationError
from localaws.services.context import Context
from localaws.services.macie2.documents import SESSION, TABLES, Members, conflict
from localaws.services.macie2.job_runs import JobRuns
from localaws.services.macie2.operations import demand_enabled
from localaws.services.macie2.role import POLICY, PRINCIPAL, ROLE, TRUST, role_arn
from localaws.services.macie2.usage import charge
from localaws.services.records import Records


def enable(context: Context, given: Members) -> Members:
    """Answer EnableMacie."""
    records = context.part(Records)
    with records.lock:
        if records.get(SESSION, SESSION) is not None:
            raise conflict("Macie has already been enabled")
        if given.get("status", "ENABLED") != "ENABLED":
            raise ValidationError("To enable Macie, the status must be ENABLED.")
        now = context.clock.now()
        document = {
            "createdAt": now,
            "updatedAt": now,
            "findingPublishingFrequency": given.get(
                "findingPublishingFrequency", "FIFTEEN_MINUTES"
            ),
            "serviceRole": role_arn(),
            "status": "ENABLED",
            "chargedUntil": now,
        }
        records.put(SESSION, SESSION, document)
    _role(context)
    return {}


def _role(context: Context) -> None:
    """Make the service-linked role, as Macie does when it is enabled."""
    iam = context.aws.client("iam")
    try:
        iam.get_role(RoleName=ROLE)
    except iam.exceptions.NoSuchEntityException:
        iam.create_role(
            RoleName=ROLE,
            Path=f"/aws-service-role/{PRINCIPAL}/",
            AssumeRolePolicyDocument=json.dumps(TRUST),
        )
    policy = json.dumps(POLICY)
    iam.put_role_policy(RoleName=ROLE, PolicyName="macie", PolicyDocument=policy)


def get(context: Context, given: Members) -> Members:
    """Answer GetMacieSession."""
    demand_enabled(context)
    found = context.part(Records).get(SESSION, SESSION)
    assert found is not None
    return found


def update(context: Context, given: Members) -> Members:
    """Answer UpdateMacieSession; while Macie is paused no job runs."""
    demand_enabled(context)
    context.part(Records).change(
        SESSION, SESSION, **given, updatedAt=context.clock.now()
    )
    if given.get("status") == "PAUSED":
        context.part(JobRuns).cancel_all()
    return {}


def disable(context: Context, given: Members) -> Members:
    """Answer DisableMacie: jobs, findings, identifiers and settings are deleted."""
    demand_enabled(context)
    charge(context)
    context.part(JobRuns).cancel_all()
    records = context.part(Records)
    with records.lock:
        for table in TABLES:
            for key in records.all(table):
                records.drop(table, key)
    return {}


OPERATIONS = {
    "EnableMacie": enable,
    "GetMacieSession": get,
    "UpdateMacieSession": update,
    "DisableMacie": disable,
}
