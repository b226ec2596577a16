"""Arguments of a job: its own go to the script, AWS Glue's act or are refused."""

from collections.abc import Mapping

from localaws.errors import AwsError, NotImplementedHere
from localaws.services.glue.job_kinds import SHELL, STREAM

BOOKMARK = "--job-bookmark-option"
METRICS = "--enable-metrics"
BOOKMARKS = ("job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause")
# What each does on AWS; a value that switches it off changes nothing.
_REFUSED = {
    "--additional-python-modules": "installs packages from the package index",
    "--auto-scale-within-microbatch": "scales a stream",
    "--class": "names the main class of a Scala script",
    "--continuous-log-conversionPattern": "sets the form of the continuous log",
    "--continuous-log-logGroup": "names the group of the continuous log",
    "--continuous-log-logStreamPrefix": "names the streams of the continuous log",
    "--customer-driver-env-vars": "sets variables of the driver",
    "--customer-executor-env-vars": "sets variables of the executors",
    "--datalake-formats": "loads Hudi, Delta Lake or Iceberg",
    "--disable-proxy-v2": "bypasses the proxy of a VPC",
    "--enable-auto-scaling": "adds and removes workers",
    "--enable-continuous-cloudwatch-log": "writes the log of each executor",
    "--enable-glue-datacatalog": "makes the Data Catalog the metastore of Spark SQL",
    "--enable-job-insights": "analyses why a job fails",
    METRICS: "publishes metrics of the job",
    "--enable-observability-metrics": "publishes metrics of the job",
    "--enable-rename-algorithm-v2": "changes how files are renamed",
    "--enable-s3-parquet-optimized-committer": "commits Parquet without renames",
    "--enable-spark-ui": "keeps events for Spark's web page",
    "--executor-cores": "sets how many tasks an executor runs",
    "--extra-files": "copies files to the script's folder",
    "--extra-jars": "adds Java libraries",
    "--job-bookmark-from": "begins a paused bookmark at a run",
    "--job-bookmark-to": "ends a paused bookmark at a run",
    "--python-modules-installer-option": "is given to pip",
    "--scriptLocation": "names the script",
    "--spark-event-logs-path": "keeps events for Spark's web page",
    "--use-postgres-driver": "loads PostgreSQL's driver",
    "--user-jars-first": "puts the job's Java libraries first",
    "--write-shuffle-files-to-s3": "shuffles through S3",
}
_OFF = ("", "false", "0")
_INTERNAL = ("--debug", "--mode", "--JOB_NAME", "--endpoint")
_SPARK_ONLY = ("--conf", BOOKMARK)


def check_arguments(operation: str, given: Mapping[str, str], kind: str) -> None:
    """Refuse arguments of AWS Glue that do not act here.

    Args:
        operation: For the message.
        given: Names and values.
        kind: Name of the job's command.

    Raises:
        AwsError: AWS Glue does not take them.
        NotImplementedHere: They do not act here.
    """
    for name, value in given.items():
        acts = metered({name: value}) if name == METRICS else value.lower() not in _OFF
        if name in _REFUSED and acts and (kind, name) != (STREAM, METRICS):
            raise NotImplementedHere(f"glue:{operation} {name}", _REFUSED[name])
        if name == "--job-language" and value != "python":
            raise NotImplementedHere(
                f"glue:{operation} {name}={value!r}", "runs a script in Scala"
            )
        if name in _INTERNAL:
            raise AwsError(
                "InvalidInputException", f"{name} is set by AWS Glue itself."
            )
        if name == BOOKMARK and value not in BOOKMARKS:
            raise AwsError(
                "InvalidInputException",
                f"{BOOKMARK} is one of {', '.join(BOOKMARKS)}, found {value}.",
            )
        if kind == SHELL and name in _SPARK_ONLY and value != BOOKMARKS[1]:
            raise AwsError("InvalidInputException", f"{name} is for Spark jobs.")


def metered(given: Mapping[str, str]) -> bool:
    """Return whether arguments ask for metrics: the name alone does, as on AWS."""
    return METRICS in given and given[METRICS].lower() not in ("false", "0")


def arguments(job: Mapping[str, object], given: Mapping[str, str]) -> dict[str, str]:
    """Return what a run is given: the job's defaults, the run's, the fixed ones."""
    found: dict[str, str] = {}
    for one in (
        job.get("DefaultArguments", {}),
        given,
        job.get("NonOverridableArguments", {}),
    ):
        assert isinstance(one, Mapping)
        found.update(one)
    return found


def settings(text: str) -> dict[str, str]:
    """Return Spark's settings of `--conf`: `a=1 --conf b=2`.

    Raises:
        AwsError: One has no value.
    """
    found = {}
    for part in text.split("--conf"):
        name, equal, value = part.strip().partition("=")
        if not equal:
            raise AwsError(
                "InvalidInputException", f"--conf: {part.strip()} has no value."
            )
        found[name.strip()] = value.strip()
    return found
