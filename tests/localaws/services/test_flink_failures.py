"""Applications that cannot be made, do not start, or fail while they run."""

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.flink_face import (
    BUCKET,
    RIGHTS,
    STREAM,
    WINDOWS,
    Aws,
    allow,
    asked,
    became,
    create,
    detail,
    groups,
    make_ground,
    most,
    needs_flink,
    processes,
    started,
    stopped,
    words,
)
from tests.localaws.services.functions import trust
from tests.localaws.services.kafka_face import until

# Counts up, and divides by nought at the fifth row.
FRAIL = """
from pyflink.table import EnvironmentSettings, TableEnvironment
table = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
table.execute_sql('''CREATE TABLE rows_in (n BIGINT) WITH ('connector' = 'datagen',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1000000',
  'rows-per-second' = '20')''')
table.execute_sql('''CREATE TABLE gone (n BIGINT) WITH ('connector' = 'blackhole')''')
table.execute_sql('INSERT INTO gone SELECT 1 / (n - 5) FROM rows_in')
"""
FUNCTION = """
from pyflink.table.udf import udf
@udf(result_type="BIGINT")
def twice(n):
    return 2 * n
"""


def failed(aws: Aws, program: str, role: str, **members: Any) -> str:
    """Start an application that fails to start, and return what the log says."""
    create(aws, role, program, **members)
    flink = aws("kinesisanalyticsv2")
    key = flink.start_application(ApplicationName="desk")["OperationId"]
    assert became(aws, "READY", "RUNNING")["ApplicationStatus"] == "READY"
    told = flink.describe_application_operation(ApplicationName="desk", OperationId=key)
    done = told["ApplicationOperationInfoDetails"]
    assert done["OperationStatus"] == "FAILED"
    assert done["OperationFailureDetails"]["ErrorInfo"]["ErrorString"]
    assert processes() == 0
    return words(aws)


@needs_flink
def test_a_program_without_its_connector_fails_as_flink_fails(aws: Aws) -> None:
    role = make_ground(aws)
    told = groups(bootstrap="127.0.0.1:9", label="x")
    configuration = {"EnvironmentProperties": told}
    text = failed(aws, WINDOWS, role, ApplicationConfiguration=configuration)
    _, _, last = text.rpartition("The application has not started: ")
    for part in (text, last):
        assert "Could not find any factory for identifier 'kafka'" in part


@needs_flink
def test_a_python_function_is_refused_by_name(aws: Aws) -> None:
    text = failed(aws, FUNCTION, make_ground(aws))
    assert "Python functions (udf, udtf, udaf, udtaf and those of" in text


@needs_flink
def test_a_program_has_one_job(aws: Aws) -> None:
    text = failed(aws, "print('nothing to do')", make_ground(aws))
    assert "nothing to do" in text
    assert "The application contains no execute() calls." in text


@needs_flink
def test_options_name_files_of_the_archive(aws: Aws) -> None:
    role, flink = make_ground(aws), aws("kinesisanalyticsv2")
    options = groups()
    (own,) = options["PropertyGroups"]
    for members, says in (
        ({"python": "none.py"}, "python: the archive holds no none.py"),
        ({"python": "../../etc/passwd"}, "the archive holds no"),
        ({"jarfile": "lib/none.jar"}, "names no program by the key python"),
        ({"python": "desk/main.py", "pyModule": "x"}, "pyModule is not one of"),
    ):
        own["PropertyMap"] = members
        told = failed(
            aws, "", role, ApplicationConfiguration={"EnvironmentProperties": options}
        )
        assert says in told
        made = detail(aws)["CreateTimestamp"]
        flink.delete_application(ApplicationName="desk", CreateTimestamp=made)
        until(lambda: not flink.list_applications()["ApplicationSummaries"])


@needs_flink
def test_a_job_that_crashes_is_started_again_by_flink(aws: Aws) -> None:
    create(aws, make_ground(aws), FRAIL)
    started(aws)
    until(lambda: most(aws, "numRestarts") >= 2)
    flink = aws("kinesisanalyticsv2")
    down = flink.exceptions.InvalidApplicationConfigurationException

    def refused() -> bool:
        """Ask for a snapshot until one is asked for while the job is down."""
        try:
            flink.create_application_snapshot(
                ApplicationName="desk", SnapshotName=f"s{len(names)}"
            )
        except down as error:
            assert "currently experiencing downtime" in str(error)
            return True
        names.append("")
        return False

    names: list[str] = []
    until(refused)
    assert detail(aws)["ApplicationStatus"] == "RUNNING"
    assert "/ by zero" in words(aws)
    stopped(aws, Force=True)
    assert processes() == 0


@needs_flink
def test_a_start_is_broken_off_by_force(aws: Aws) -> None:
    create(aws, make_ground(aws), "import time\ntime.sleep(600)")
    flink = aws("kinesisanalyticsv2")
    flink.start_application(ApplicationName="desk")
    with pytest.raises(flink.exceptions.ResourceInUseException, match="STARTING"):
        flink.stop_application(ApplicationName="desk")
    until(processes)
    flink.stop_application(ApplicationName="desk", Force=True)
    assert detail(aws)["ApplicationStatus"] in ("FORCE_STOPPING", "READY")
    became(aws, "READY")
    assert processes() == 0
    assert (
        flink.list_application_snapshots(ApplicationName="desk")["SnapshotSummaries"]
        == []
    )


@needs_flink
def test_a_role_that_may_no_longer_read_fails_the_start(aws: Aws) -> None:
    role = make_ground(aws)
    create(aws, role, "")
    allow(aws, {**RIGHTS, "Action": "logs:PutLogEvents"})
    aws("kinesisanalyticsv2").start_application(ApplicationName="desk")
    became(aws, "READY")
    assert "unable to get the specified fileKey: desk.zip" in words(aws)


def test_code_that_cannot_be_had_makes_no_application(aws: Aws) -> None:
    role, flink = make_ground(aws), aws("kinesisanalyticsv2")
    bad = flink.exceptions.InvalidArgumentException
    with pytest.raises(bad, match="unable to get the specified fileKey"):
        flink.create_application(**asked(role))
    aws("s3").put_object(Bucket=BUCKET, Key="desk.zip", Body=b"print()")
    with pytest.raises(flink.exceptions.CodeValidationException, match="zip"):
        flink.create_application(**asked(role))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w"):
        pass
    aws("s3").put_object(Bucket=BUCKET, Key="desk.zip", Body=body.getvalue())
    allow(aws, {**RIGHTS, "Action": "logs:PutLogEvents"})
    with pytest.raises(bad, match="Please check the role provided"):
        flink.create_application(**asked(role))
    allow(aws, RIGHTS)
    nobody = trust("ec2.amazonaws.com")
    iam = aws("iam")
    iam.update_assume_role_policy(RoleName="flink", PolicyDocument=nobody)
    for name in (role, f"{role}x"):
        with pytest.raises(bad, match="privileges to assume the role"):
            flink.create_application(**asked(name))
    own = trust("kinesisanalytics.amazonaws.com")
    iam.update_assume_role_policy(RoleName="flink", PolicyDocument=own)
    with pytest.raises(bad, match="log stream"):
        options = [{"LogStreamARN": f"{STREAM}x"}]
        flink.create_application(**asked(role, CloudWatchLoggingOptions=options))
    with pytest.raises(bad, match="subnet"):
        where = [{"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}]
        configuration = {"VpcConfigurations": where}
        flink.create_application(**asked(role, ApplicationConfiguration=configuration))
    assert flink.list_applications()["ApplicationSummaries"] == []


def test_what_does_not_act_is_refused_by_name(aws: Aws) -> None:
    role, flink = make_ground(aws), aws("kinesisanalyticsv2")
    parallel: dict[str, Any] = {"ConfigurationType": "CUSTOM", "Parallelism": 2}
    many = {**parallel, "Parallelism": 40}
    scaling = {**parallel, "AutoScalingEnabled": True}
    code = {"CodeContentType": "PLAINTEXT", "CodeContent": {"TextContent": "SELECT 1"}}
    parts = [
        {"FlinkApplicationConfiguration": {"ParallelismConfiguration": one}}
        for one in (many, scaling)
    ]
    every = [{"ApplicationConfiguration": part} for part in parts]
    every += [
        {"RuntimeEnvironment": "FLINK-1_20"},
        {"RuntimeEnvironment": "SQL-1_0"},
        {"RuntimeEnvironment": "ZEPPELIN-FLINK-3_0", "ApplicationMode": "INTERACTIVE"},
        {"ApplicationConfiguration": {"ApplicationCodeConfiguration": code}},
    ]
    aws("s3").put_object(Bucket=BUCKET, Key="desk.zip", Body=_empty())
    for members in every:
        with pytest.raises(ClientError, match="does not act") as error:
            flink.create_application(**asked(role, **members))
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    too_many = {**parallel, "Parallelism": 65}
    part = {"FlinkApplicationConfiguration": {"ParallelismConfiguration": too_many}}
    with pytest.raises(flink.exceptions.LimitExceededException):
        flink.create_application(**asked(role, ApplicationConfiguration=part))
    assert flink.list_applications()["ApplicationSummaries"] == []


def _empty() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w"):
        pass
    return body.getvalue()


def test_the_closed_api_is_refused(aws: Aws) -> None:
    first = aws("kinesisanalytics")
    for call in (
        lambda: first.list_applications(),
        lambda: first.create_application(ApplicationName="desk"),
    ):
        with pytest.raises(ClientError, match="kinesisanalytics:") as error:
            call()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_names_that_nobody_has(aws: Aws, endpoint: Connection) -> None:
    flink, name = aws("kinesisanalyticsv2"), {"ApplicationName": "none"}
    snapshot = {**name, "SnapshotName": "s"}
    option = {"CloudWatchLoggingOption": {"LogStreamARN": STREAM}}
    arn = "arn:aws:kinesisanalytics:us-east-1:123456789012:application/none"
    for call, members in (
        (flink.describe_application, name),
        (flink.start_application, name),
        (flink.stop_application, name),
        (flink.update_application, {**name, "CurrentApplicationVersionId": 1}),
        (flink.delete_application, {**name, "CreateTimestamp": 1}),
        (flink.create_application_snapshot, snapshot),
        (flink.describe_application_snapshot, snapshot),
        (
            flink.delete_application_snapshot,
            {**snapshot, "SnapshotCreationTimestamp": 1},
        ),
        (flink.list_application_snapshots, name),
        (flink.list_application_operations, name),
        (flink.describe_application_operation, {**name, "OperationId": "x"}),
        (flink.add_application_cloud_watch_logging_option, {**name, **option}),
        (flink.list_tags_for_resource, {"ResourceARN": arn}),
    ):
        with pytest.raises(flink.exceptions.ResourceNotFoundException):
            call(**members)
    with pytest.raises(flink.exceptions.InvalidArgumentException):
        flink.list_tags_for_resource(ResourceARN=json.dumps(endpoint.port))
