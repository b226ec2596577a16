"""Applications of EMR Serverless: how they start and stop, and what they cost."""

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.emr_face import Aws, charged
from tests.localaws.services.emr_serverless_face import application, create

WORKERS = {
    "DRIVER": {
        "workerCount": 1,
        "workerConfiguration": {"cpu": "2vCPU", "memory": "4GB"},
    },
    "EXECUTOR": {
        "workerCount": 2,
        "workerConfiguration": {"cpu": "4vCPU", "memory": "16GB", "disk": "20GB"},
    },
}


def test_an_application_starts_stops_and_is_deleted(aws: Aws) -> None:
    serverless = aws("emr-serverless")
    key = create(aws, tags={"a": "1"}, clientToken="once")
    assert create(aws, clientToken="once") == key
    (listed,) = serverless.list_applications()["applications"]
    assert (listed["id"], listed["type"]) == (key, "Spark")
    found = application(aws, key)
    assert (found["state"], found["architecture"]) == ("CREATED", "X86_64")
    assert found["autoStopConfiguration"] == {"enabled": True, "idleTimeoutMinutes": 15}
    serverless.tag_resource(resourceArn=found["arn"], tags={"b": "2"})
    serverless.untag_resource(resourceArn=found["arn"], tagKeys=["a"])
    tags = serverless.list_tags_for_resource(resourceArn=found["arn"])["tags"]
    assert tags == {"b": "2"}
    serverless.start_application(applicationId=key)
    assert application(aws, key)["state"] == "STARTED"
    for change in (serverless.delete_application, serverless.update_application):
        with pytest.raises(ClientError, match="Current status: STARTED"):
            change(applicationId=key)
    serverless.stop_application(applicationId=key)
    assert application(aws, key)["state"] == "STOPPED"
    serverless.update_application(
        applicationId=key, maximumCapacity={"cpu": "8vCPU", "memory": "32GB"}
    )
    most = application(aws, key)["maximumCapacity"]
    assert most == {"cpu": "8vCPU", "memory": "32GB"}
    serverless.delete_application(applicationId=key)
    assert application(aws, key)["state"] == "TERMINATED"
    stopped = serverless.list_applications(states=["STOPPED"])["applications"]
    assert stopped == []
    with pytest.raises(ClientError, match="Current status: TERMINATED"):
        serverless.start_application(applicationId=key)


def test_initial_capacity_costs_until_the_application_stops(
    aws: Aws, endpoint: Connection
) -> None:
    serverless = aws("emr-serverless")
    idle = {"enabled": True, "idleTimeoutMinutes": 30}
    key = create(
        aws,
        initialCapacity=WORKERS,
        autoStopConfiguration=idle,
        architecture="ARM64",
    )
    assert application(aws, key)["state"] == "CREATED"
    serverless.start_application(applicationId=key)
    assert application(aws, key)["state"] == "STARTED"
    endpoint.control("POST", "clock", {"seconds": 1700})
    assert application(aws, key)["state"] == "STARTED"
    endpoint.control("POST", "clock", {"seconds": 2000})
    assert application(aws, key)["state"] == "STOPPED"
    (cpu,) = charged(endpoint, "EMR Serverless, vCPU of workers ARM64").values()
    (memory,) = charged(endpoint, "EMR Serverless, memory of workers ARM64").values()
    assert cpu == pytest.approx(10 * 0.5, abs=1e-5)
    assert memory == pytest.approx(36 * 0.5, abs=1e-5)


def test_what_serverless_does_not_take(aws: Aws) -> None:
    odd = {"workerCount": 1, "workerConfiguration": {"cpu": "4vCPU", "memory": "64GB"}}
    for members, message in (
        ({"releaseLabel": "seven"}, "release label is invalid"),
        ({"initialCapacity": {"DRIVER": odd}}, "8 to 30 GB of memory"),
        ({"initialCapacity": {"HIVE_DRIVER": odd}}, "HIVE_DRIVER is not supported"),
        (
            {
                "initialCapacity": WORKERS,
                "maximumCapacity": {"cpu": "4vCPU", "memory": "64GB"},
            },
            "exceeds the maximum capacity: cpu is 10",
        ),
    ):
        with pytest.raises(ClientError, match="ValidationException") as error:
            create(aws, **members)
        assert message in str(error.value)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        application(aws, "00fnone")


def test_what_does_not_act_is_refused_by_name(aws: Aws) -> None:
    other = [{"classification": "hive-site", "properties": {}}]
    for members, name in (
        ({"type": "HIVE"}, "type='HIVE'"),
        ({"releaseLabel": "emr-6.6.0"}, "releaseLabel='emr-6.6.0'"),
        ({"runtimeConfiguration": other}, "classification='hive-site'"),
        ({"networkConfiguration": {"subnetIds": ["subnet-1"]}}, "networkConfiguration"),
        ({"schedulerConfiguration": {"maxConcurrentRuns": 3}}, "maxConcurrentRuns"),
    ):
        with pytest.raises(ClientError, match="NotImplementedInLocal") as error:
            create(aws, **members)
        assert name in str(error.value)
    key = create(aws)
    with pytest.raises(ClientError, match="GetDashboardForJobRun does not act"):
        aws("emr-serverless").get_dashboard_for_job_run(applicationId=key, jobRunId="1")
