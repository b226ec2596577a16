"""RunJobFlow: a cluster is checked, and started."""

from botocore.exceptions import ClientError

from localaws import trust
from localaws.errors import NotImplementedHere
from localaws.limits import limits
from localaws.services.context import Context
from localaws.services.emr import classifications, instances, releases, steps
from localaws.services.emr.documents import ACCOUNT, REGION, arn, identity, invalid
from localaws.services.emr.lifecycle import Clusters
from localaws.services.emr.step_run import PRINCIPAL
from localaws.services.json_operations import Members
from localaws.services.records import Records

_SERVICE = "elasticmapreduce.amazonaws.com"
_APPLICATIONS = {"hadoop": "Hadoop", "spark": "Spark"}
_IDLE = 3600


def run(context: Context, given: Members) -> Members:
    """Answer RunJobFlow."""
    label = given.get("ReleaseLabel", "")
    releases.check("elasticmapreduce:RunJobFlow ReleaseLabel", label)
    level = concurrency(given.get("StepConcurrencyLevel", 1))
    asked = given["Instances"]
    wanted = {
        "applications": _applications(given.get("Applications", []), label),
        "settings": classifications.settings(
            "elasticmapreduce:RunJobFlow", given.get("Configurations", [])
        ),
        "role": _profile(context, given.get("JobFlowRole", "")),
        "place": _place(context, asked),
        "idle": idle(given["AutoTerminationPolicy"])
        if "AutoTerminationPolicy" in given
        else None,
    }
    _check_service_role(context, given.get("ServiceRole", ""))
    _check_log(given.get("LogUri"))
    steps.checked("RunJobFlow", given.get("Steps", []), level)
    machines = instances.made(context, asked, label)
    cluster = _document(context, given, wanted, machines, level)
    with context.part(Records).lock:
        steps.put(context, cluster["Id"], given.get("Steps", []))
        context.part(Clusters).create(cluster)
    return {"JobFlowId": cluster["Id"], "ClusterArn": arn(cluster["Id"])}


def _document(
    context: Context,
    given: Members,
    wanted: Members,
    machines: list[Members],
    level: int,
) -> Members:
    now, asked = context.clock.now(), given["Instances"]
    kept = (
        *("Name", "LogUri", "ReleaseLabel", "Configurations", "ScaleDownBehavior"),
        *("JobFlowRole", "ServiceRole"),
    )
    return {
        **{name: given[name] for name in kept if name in given},
        "Id": identity(context, "j"),
        "State": "STARTING",
        "Reason": {"Message": "Provisioning Amazon EC2 capacity"},
        "Timeline": {"CreationDateTime": now},
        "due": context.part(Clusters).ready(now),
        "Applications": wanted["applications"],
        "Tags": given.get("Tags", []),
        "TerminationProtected": asked.get("TerminationProtected", False),
        "StepConcurrencyLevel": level,
        "keep": asked.get("KeepJobFlowAliveWhenNoSteps", False),
        "settings": wanted["settings"],
        "role": wanted["role"],
        "place": wanted["place"],
        "idle": wanted["idle"],
        "machines": machines,
    }


def concurrency(level: int) -> int:
    """Return how many steps run at once, checked."""
    if not 1 <= level <= 256:
        raise invalid(f"StepConcurrencyLevel must be between 1 and 256: {level}.")
    return level


def idle(policy: Members) -> int:
    """Return after how many idle seconds a cluster ends, checked."""
    seconds = int(policy.get("IdleTimeout", _IDLE))
    least, most = limits("emr", "idle_seconds")
    if not least <= seconds <= most:
        raise invalid(
            f"The idle timeout must be between {least} and {most} seconds: {seconds}."
        )
    return seconds


def _applications(given: list[Members], label: str) -> list[Members]:
    found = []
    for one in given:
        name = one.get("Name", "")
        if name.lower() not in _APPLICATIONS:
            raise NotImplementedHere(
                f"elasticmapreduce:RunJobFlow Applications.Name={name!r} (here only "
                "Hadoop and Spark)",
                "installs the application",
            )
        application = {"Name": _APPLICATIONS[name.lower()]}
        if application["Name"] == "Spark":
            application["Version"] = releases.spark(label).partition("-")[0]
        found.append(application)
    return found


def _profile(context: Context, name: str) -> str:
    """Return the role of an instance profile."""
    iam = context.aws.client("iam")
    profile = name.rpartition("/")[2] or "None"
    try:
        found = iam.get_instance_profile(InstanceProfileName=profile)
    except iam.exceptions.NoSuchEntityException as error:
        raise invalid(f"Invalid InstanceProfile: {profile}.") from error
    roles = found["InstanceProfile"]["Roles"]
    if not roles or not trust.trusts(context.aws, roles[0]["Arn"], PRINCIPAL):
        raise invalid(f"Invalid InstanceProfile: {profile}.")
    return str(roles[0]["Arn"])


def _check_service_role(context: Context, role: str) -> None:
    if not role:
        raise invalid("ServiceRole is required for creating cluster.")
    known = role
    if not role.startswith("arn:"):
        known = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    if not trust.trusts(context.aws, known, _SERVICE):
        raise invalid(f"{role} is invalid")


def _check_log(uri: str | None) -> None:
    if uri is not None and not uri.startswith(("s3://", "s3n://", "s3a://")):
        raise invalid(f"LogUri {uri} is not an S3 location.")


def _place(context: Context, asked: Members) -> Members:
    """Return subnet and zone of the machines."""
    subnet = asked.get("Ec2SubnetId")
    if not subnet:
        return {"Ec2AvailabilityZone": f"{REGION}a"}
    try:
        found = context.aws.client("ec2").describe_subnets(SubnetIds=[subnet])
    except ClientError as error:
        raise invalid(f"The subnet {subnet} does not exist.") from error
    zone = found["Subnets"][0]["AvailabilityZone"]
    return {"Ec2SubnetId": subnet, "Ec2AvailabilityZone": zone}


OPERATIONS = {"RunJobFlow": run}
