"""Glue jobs as they are kept: what may be set, and what is refused by name."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.glue_runtime import place
from tests.localaws.services.etl import BUCKET, ROLE, Aws, make_job, make_role

COMMAND = {"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/s.py"}


@pytest.fixture(autouse=True)
def _role(aws: Aws, bucket: str) -> None:
    make_role(aws)


def create(aws: Aws, **members: Any) -> Any:
    """Create a Spark job."""
    given = {"Name": "desk", "Role": ROLE, "Command": COMMAND, **members}
    return aws("glue").create_job(**given)


def test_a_job_has_glues_defaults(aws: Aws) -> None:
    assert create(aws, DefaultArguments={"--day": "1"})["Name"] == "desk"
    job = aws("glue").get_job(JobName="desk")["Job"]
    assert job["Role"] == f"arn:aws:iam::123456789012:role/{ROLE}"
    assert (job["GlueVersion"], job["Timeout"]) == ("5.1", 480)
    assert (job["WorkerType"], job["NumberOfWorkers"]) == ("G.1X", 10)
    assert (job["MaxCapacity"], job["MaxRetries"]) == (10.0, 0)
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert job["Command"] == {**COMMAND, "PythonVersion": "3"}
    assert job["DefaultArguments"] == {"--day": "1"}
    make_job(aws, "", "pythonshell", "shell")
    shell = aws("glue").get_job(JobName="shell")["Job"]
    assert shell["MaxCapacity"] == 0.0625
    assert "WorkerType" not in shell


def test_jobs_are_listed_changed_and_deleted(aws: Aws) -> None:
    glue = aws("glue")
    create(aws, Tags={"team": "desk"})
    create(aws, Name="other", Description="x")
    assert glue.list_jobs()["JobNames"] == ["desk", "other"]
    assert glue.list_jobs(Tags={"team": "desk"})["JobNames"] == ["desk"]
    first = glue.get_jobs(MaxResults=1)
    assert [one["Name"] for one in first["Jobs"]] == ["desk"]
    rest = glue.get_jobs(NextToken=first["NextToken"])
    assert [one["Name"] for one in rest["Jobs"]] == ["other"]
    new = {"Role": ROLE, "Command": COMMAND, "WorkerType": "G.2X", "NumberOfWorkers": 3}
    assert glue.update_job(JobName="other", JobUpdate=new)["JobName"] == "other"
    job = glue.get_job(JobName="other")["Job"]
    assert job["MaxCapacity"] == 6.0
    assert "Description" not in job
    assert job["LastModifiedOn"] > job["CreatedOn"]
    assert glue.delete_job(JobName="desk")["JobName"] == "desk"
    assert glue.delete_job(JobName="desk")["JobName"] == "desk"
    assert glue.list_jobs()["JobNames"] == ["other"]


def test_a_name_is_taken_once_and_must_be_known(aws: Aws) -> None:
    create(aws)
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        create(aws)
    glue = aws("glue")
    update = {"Role": ROLE, "Command": COMMAND}
    for call in (
        lambda: glue.get_job(JobName="nobody"),
        lambda: glue.update_job(JobName="nobody", JobUpdate=update),
        lambda: glue.start_job_run(JobName="nobody"),
        lambda: glue.get_job_run(JobName="desk", RunId="jr_1"),
        lambda: glue.get_job_runs(JobName="nobody"),
        lambda: glue.get_job_bookmark(JobName="desk"),
        lambda: glue.reset_job_bookmark(JobName="nobody"),
    ):
        with pytest.raises(ClientError, match="EntityNotFoundException"):
            call()


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"Role": "nobody"}, "assume role permissions for Glue"),
        ({"Command": {"Name": "glueetl", "ScriptLocation": "x"}}, "valid S3 path"),
        ({"Command": {**COMMAND, "Name": "sparkle"}}, "Unsupported job command"),
        ({"Command": {**COMMAND, "PythonVersion": "3.9"}}, "Python version 3.9"),
        ({"GlueVersion": "7.0"}, "Glue version 7.0"),
        ({"WorkerType": "H.9X", "NumberOfWorkers": 2}, "enum value set"),
        ({"WorkerType": "Z.2X", "NumberOfWorkers": 2}, "Worker type Z.2X"),
        ({"WorkerType": "G.025X", "NumberOfWorkers": 2}, "streaming jobs only"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 1}, "at least 2"),
        ({"WorkerType": "G.1X"}, "must be set together"),
        (
            {"WorkerType": "G.1X", "NumberOfWorkers": 2, "MaxCapacity": 2},
            "do not set Max Capacity",
        ),
        ({"MaxCapacity": 1}, "2 to 100"),
        ({"Timeout": 10081}, "between 1 and 10080"),
        ({"DefaultArguments": {"--job-bookmark-option": "on"}}, "is one of"),
        ({"DefaultArguments": {"--JOB_NAME": "x"}}, "set by AWS Glue"),
    ],
)
def test_wrong_settings_are_invalid(
    aws: Aws, members: dict[str, Any], says: str
) -> None:
    with pytest.raises(ClientError, match=f"InvalidInputException.*{says}"):
        create(aws, **members)
    assert aws("glue").list_jobs()["JobNames"] == []


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"GlueVersion": "4.0"}, "runs Spark 3.3 and Python 3.10"),
        ({"Command": {**COMMAND, "Name": "glueray"}}, "runs a job on Ray"),
        ({"DefaultArguments": {"--enable-metrics": ""}}, "publishes metrics"),
        ({"NotificationProperty": {"NotifyDelayAfter": 1}}, "tells of runs"),
        ({"Connections": {"Connections": ["db"]}}, "through connections"),
        ({"ExecutionClass": "FLEX"}, "takes other values too"),
        (
            {"DefaultArguments": {"--additional-python-modules": "x==1"}},
            "installs packages",
        ),
        ({"DefaultArguments": {"--extra-jars": "s3://b/x.jar"}}, "Java libraries"),
        ({"DefaultArguments": {"--job-language": "scala"}}, "script in Scala"),
        ({"NonOverridableArguments": {"--enable-spark-ui": "true"}}, "web page"),
    ],
)
def test_what_does_not_act_is_refused_by_name(
    aws: Aws, members: dict[str, Any], says: str
) -> None:
    with pytest.raises(ClientError, match=f"NotImplemented.*{says}"):
        create(aws, **members)


def test_a_switch_that_is_off_is_no_request_for_its_effect(aws: Aws) -> None:
    create(aws, DefaultArguments={"--enable-metrics": "false", "--mine": "x"})


def test_python_shell_has_settings_of_its_own(aws: Aws) -> None:
    command = {**COMMAND, "Name": "pythonshell"}
    for members, says in (
        ({"MaxCapacity": 2}, "0.0625 or 1"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 2}, "not for Python shell"),
        ({"DefaultArguments": {"--conf": "a=b"}}, "for Spark jobs"),
        ({"Command": {**command, "PythonVersion": "3.12"}}, "pythonVersion"),
    ):
        with pytest.raises(ClientError, match=says):
            create(aws, **{"Command": command, **members})
    create(aws, Command={**command, "PythonVersion": "3.9"}, MaxCapacity=1)


@pytest.mark.skipif(place.ready(), reason="Spark is here")
def test_without_spark_a_run_says_how_to_get_it(aws: Aws) -> None:
    create(aws)
    with pytest.raises(ClientError, match=r"make spark.*On AWS it runs the script"):
        aws("glue").start_job_run(JobName="desk")
    assert aws("glue").get_job_runs(JobName="desk")["JobRuns"] == []
