"""The settings of a job, checked as AWS Glue does, with the values it fills in."""

from typing import Any

from localaws import trust
from localaws.errors import AwsError, NotImplementedHere
from localaws.limits import limit
from localaws.services.context import Context
from localaws.services.glue.job_arguments import check_arguments
from localaws.services.glue.job_kinds import SHELL, SPARK, STREAM
from localaws.services.json_operations import Members

PRINCIPAL = "glue.amazonaws.com"
_ELSEWHERE = {"glueray": "runs a job on Ray"}
# Spark and Python that AWS runs for a version; here 5.0 and 5.1 run Spark 3.5.6.
_VERSIONS = {
    "0.9": "Spark 2.2 and Python 2.7",
    "1.0": "Spark 2.4 and Python 3.6",
    "2.0": "Spark 2.4 and Python 3.7",
    "3.0": "Spark 3.1 and Python 3.7",
    "4.0": "Spark 3.3 and Python 3.10",
}
_SPARK_HERE = ("5.0", "5.1")
DPUS = {"G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}
_KEPT = (
    "JobMode",
    "Description",
    "Command",
    "DefaultArguments",
    "NonOverridableArguments",
    "MaxRetries",
    "Timeout",
    "MaxCapacity",
    "WorkerType",
    "NumberOfWorkers",
    "GlueVersion",
    "ExecutionProperty",
)


def invalid(message: str) -> AwsError:
    """Return the error of an input that AWS Glue does not take."""
    return AwsError("InvalidInputException", message)


def checked(context: Context, given: Members) -> Members:
    """Return a job's settings.

    Args:
        context: Where roles are.
        given: Input of CreateJob, or the JobUpdate of UpdateJob.

    Raises:
        AwsError: AWS Glue does not take them.
        NotImplementedHere: They do not act here.
    """
    found = {name: given[name] for name in _KEPT if name in given}
    if "Command" not in given or "Role" not in given:
        raise invalid("Command and Role must be given.")
    found["Role"] = _role(context, given["Role"])
    found["Command"] = _command(given["Command"])
    kind = found["Command"]["Name"]
    shell = kind == SHELL
    found.setdefault("JobMode", "SCRIPT")
    found.setdefault("MaxRetries", 0)
    found["ExecutionProperty"] = {
        "MaxConcurrentRuns": 1,
        **given.get("ExecutionProperty", {}),
    }
    for name in ("DefaultArguments", "NonOverridableArguments"):
        check_arguments("CreateJob", found.get(name, {}), kind)
    _check_version(found, shell)
    found.setdefault("Timeout", int(limit("glue", "timeout_minutes")))
    _check_timeout(found["Timeout"])
    return found | capacity(found, kind)


def _role(context: Context, role: str) -> str:
    arn = role
    if not role.startswith("arn:"):
        arn = f"arn:aws:iam::123456789012:role/{role.removeprefix('/')}"
    if not trust.trusts(context.aws, arn, PRINCIPAL):
        raise invalid(
            f"Role {arn} should be given assume role permissions for Glue Service."
        )
    return arn


def _command(given: Members) -> Members:
    name = given.get("Name", SPARK)
    if name in _ELSEWHERE:
        raise NotImplementedHere(f"glue Command.Name={name!r}", _ELSEWHERE[name])
    if name not in (SPARK, SHELL, STREAM):
        raise invalid(f"Unsupported job command name: {name}")
    location = given.get("ScriptLocation", "")
    if not location.startswith("s3://") or "/" not in location[5:]:
        raise invalid(f"Script location {location} is not a valid S3 path.")
    python = given.get("PythonVersion", "3")
    known = ("3", "3.9") if name == SHELL else ("3",)
    if python in ("2", "3.6") and name == SHELL:
        raise NotImplementedHere(
            f"glue Command.PythonVersion={python!r}", f"runs Python {python}"
        )
    if python not in known:
        raise invalid(f"Python version {python} is not supported by {name}.")
    return {"Name": name, "ScriptLocation": location, "PythonVersion": python}


def _check_version(found: Members, shell: bool) -> None:
    version = found.setdefault("GlueVersion", "3.0" if shell else "5.1")
    if version not in (*_VERSIONS, *_SPARK_HERE):
        raise invalid(f"Glue version {version} is not supported.")
    if not shell and version not in _SPARK_HERE:
        raise NotImplementedHere(
            f"glue GlueVersion={version!r} (here only 5.0 and 5.1: Spark 3.5)",
            f"runs {_VERSIONS[version]}",
        )


def _check_timeout(minutes: int) -> None:
    most = int(limit("glue", "timeout_most_minutes"))
    if not 1 <= minutes <= most:
        raise invalid(f"Timeout must be between 1 and {most} minutes: {minutes}")


def capacity(given: Members, kind: str, known: Members | None = None) -> Members:
    """Return the workers and DPUs of a job or of a run of it.

    Args:
        given: May hold WorkerType, NumberOfWorkers, MaxCapacity.
        kind: Name of the job's command.
        known: Those of the job, for a run.

    Raises:
        AwsError: They do not go together.
    """
    names = ("WorkerType", "NumberOfWorkers", "MaxCapacity")
    found: dict[str, Any] = {name: given[name] for name in names if name in given}
    if not found and known is not None:
        return {name: known[name] for name in names if name in known}
    if kind == SHELL:
        most = found.pop("MaxCapacity", 0.0625)
        if found:
            raise invalid("Worker type and number of workers are not for Python shell.")
        if most not in (0.0625, 1):
            raise invalid(f"MaxCapacity of Python shell is 0.0625 or 1, found {most}.")
        return {"MaxCapacity": float(most)}
    if "MaxCapacity" in found:
        if len(found) > 1:
            raise invalid(
                "Please do not set Max Capacity if using Worker Type and Number of "
                "Workers."
            )
        if not 2 <= found["MaxCapacity"] <= 100 or found["MaxCapacity"] % 1:
            raise invalid(f"MaxCapacity must be 2 to 100: {found['MaxCapacity']}")
        return {"MaxCapacity": float(found["MaxCapacity"])}
    if not found:
        found = {"WorkerType": "G.1X", "NumberOfWorkers": 10}
    if len(found) != 2:
        raise invalid("Worker Type and Number of Workers must be set together.")
    worker, count = found["WorkerType"], found["NumberOfWorkers"]
    if worker not in DPUS:
        raise invalid(f"Worker type {worker} is not supported.")
    if worker == "G.025X" and kind != STREAM:
        raise invalid("Worker type G.025X is for streaming jobs only.")
    if count < 2:
        raise invalid(f"Number of workers must be at least 2, found {count}.")
    return {**found, "MaxCapacity": float(DPUS[worker] * count)}


def merged(job: Members, given: Members) -> Members:
    """Return the workers, DPUs and timeout of a run."""
    kind = job["Command"]["Name"]
    minutes = given.get("Timeout", job["Timeout"])
    _check_timeout(minutes)
    return {**capacity(given, kind, job), "Timeout": minutes}
