"""Clusters of Amazon EMR: how they start, wait and end, and what they cost."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection
from tests.localaws.services.emr_face import (
    PROFILE,
    SERVICE,
    Aws,
    add,
    asked,
    charged,
    ended,
    machines,
    make_roles,
    needs_spark,
    ready,
    run,
    status,
    step,
)

pytestmark = needs_spark
NO_SPARK = [{"Name": "Hadoop"}]


@pytest.fixture(autouse=True)
def _roles(aws: Aws, bucket: str) -> None:
    make_roles(aws)


def seconds(line: dict[str, Any], begin: str, end: str) -> float:
    """Return how long it was between two points of a timeline."""
    return float((line[end] - line[begin]).total_seconds())


def test_a_cluster_starts_waits_and_ends(aws: Aws, endpoint: Connection) -> None:
    emr = aws("emr")
    key = run(
        aws,
        Instances=machines(TerminationProtected=True),
        Tags=[{"Key": "a", "Value": "1"}],
    )
    assert status(aws, key)["State"] == "STARTING"
    (group, _) = emr.list_instance_groups(ClusterId=key)["InstanceGroups"]
    assert (group["Status"]["State"], group["RunningInstanceCount"]) == (
        "PROVISIONING",
        0,
    )
    emr.get_waiter("cluster_running").wait(ClusterId=key)
    found = emr.describe_cluster(ClusterId=key)["Cluster"]
    assert found["Status"]["State"] == "WAITING"
    line = found["Status"]["Timeline"]
    assert seconds(line, "CreationDateTime", "ReadyDateTime") == 330
    assert found["Applications"] == [{"Name": "Spark", "Version": "3.5.6"}]
    assert found["ClusterArn"].endswith(f":cluster/{key}")
    assert (found["ServiceRole"], found["AutoTerminate"]) == (SERVICE, False)
    assert found["Ec2InstanceAttributes"]["IamInstanceProfile"] == PROFILE
    assert found["NormalizedInstanceHours"] == 8 + 2 * 16
    groups = emr.list_instance_groups(ClusterId=key)["InstanceGroups"]
    assert [(one["InstanceType"], one["RunningInstanceCount"]) for one in groups] == [
        ("m5.xlarge", 1),
        ("m5.2xlarge", 2),
    ]
    emr.add_tags(ResourceId=key, Tags=[{"Key": "b", "Value": "2"}])
    emr.remove_tags(ResourceId=key, TagKeys=["a"])
    with pytest.raises(ClientError, match="termination protected"):
        emr.terminate_job_flows(JobFlowIds=[key])
    emr.set_termination_protection(JobFlowIds=[key], TerminationProtected=False)
    emr.terminate_job_flows(JobFlowIds=[key])
    assert status(aws, key)["State"] == "TERMINATING"
    emr.get_waiter("cluster_terminated").wait(ClusterId=key)
    found = emr.describe_cluster(ClusterId=key)["Cluster"]
    assert found["Tags"] == [{"Key": "b", "Value": "2"}]
    assert found["Status"]["StateChangeReason"]["Code"] == "USER_REQUEST"
    line = found["Status"]["Timeline"]
    hours = (seconds(line, "ReadyDateTime", "EndDateTime") + 90 - 150) / 3600
    for usage in ("On-demand Linux", "Cluster on EC2"):
        assert charged(endpoint, usage) == pytest.approx(
            {f"{key}/MASTER": hours, f"{key}/CORE": 2 * hours}, abs=1e-5
        )
    with pytest.raises(ClientError, match="may not be modified"):
        add(aws, key, step("s3://on-time-desk/a.py"))
    listed = emr.list_clusters(ClusterStates=["TERMINATED"])["Clusters"]
    assert [one["Id"] for one in listed] == [key]
    assert emr.list_clusters(ClusterStates=["WAITING"])["Clusters"] == []
    assert emr.list_clusters(CreatedBefore="2026-01-01")["Clusters"] == []


def test_a_cluster_ends_when_it_has_nothing_to_do(
    aws: Aws, endpoint: Connection
) -> None:
    emr = aws("emr")
    none = ready(aws, Instances=machines(keep=True))
    emr.set_keep_job_flow_alive_when_no_steps(
        JobFlowIds=[none], KeepJobFlowAliveWhenNoSteps=False
    )
    emr.get_waiter("cluster_terminated").wait(ClusterId=none)
    reason = status(aws, none)["StateChangeReason"]
    assert reason == {"Code": "ALL_STEPS_COMPLETED", "Message": "Steps completed"}
    key = ready(aws, AutoTerminationPolicy={"IdleTimeout": 600})
    policy = emr.get_auto_termination_policy(ClusterId=key)["AutoTerminationPolicy"]
    assert policy == {"IdleTimeout": 600}
    emr.put_auto_termination_policy(
        ClusterId=key, AutoTerminationPolicy={"IdleTimeout": 3600}
    )
    endpoint.control("POST", "clock", {"seconds": 3000})
    assert status(aws, key)["State"] == "WAITING"
    emr.set_termination_protection(JobFlowIds=[key], TerminationProtected=False)
    endpoint.control("POST", "clock", {"seconds": 1000})
    emr.get_waiter("cluster_terminated").wait(ClusterId=key)
    line = status(aws, key)["Timeline"]
    assert 3750 <= seconds(line, "ReadyDateTime", "EndDateTime") <= 3755
    other = ready(aws, AutoTerminationPolicy={})
    emr.remove_auto_termination_policy(ClusterId=other)
    endpoint.control("POST", "clock", {"seconds": 40_000})
    assert status(aws, other)["State"] == "WAITING"


def test_a_brief_cluster_costs_a_minute(aws: Aws, endpoint: Connection) -> None:
    emr = aws("emr")
    key = run(aws)
    endpoint.control("POST", "clock", {"seconds": 245})
    emr.terminate_job_flows(JobFlowIds=[key])
    endpoint.control("POST", "clock", {"seconds": 150})
    assert status(aws, key)["State"] == "TERMINATED"
    charge = charged(endpoint, "Cluster on EC2")
    minutes = {f"{key}/MASTER": 1 / 60, f"{key}/CORE": 2 / 60}
    assert charge == pytest.approx(minutes, abs=1e-6)
    unused = run(aws)
    emr.terminate_job_flows(JobFlowIds=[unused])
    emr.get_waiter("cluster_terminated").wait(ClusterId=unused)
    assert charged(endpoint, "Cluster on EC2") == charge


def test_a_fleet_is_of_what_costs_least(aws: Aws, endpoint: Connection) -> None:
    emr = aws("emr")
    types = [
        {"InstanceType": "m5.xlarge", "WeightedCapacity": 1},
        {"InstanceType": "m5.2xlarge", "WeightedCapacity": 4},
    ]
    fleets = [
        {
            "InstanceFleetType": role,
            "TargetOnDemandCapacity": capacity,
            "InstanceTypeConfigs": types[:count],
        }
        for role, capacity, count in (("MASTER", 1, 1), ("CORE", 7, 2))
    ]
    instances = {"InstanceFleets": fleets, "KeepJobFlowAliveWhenNoSteps": True}
    key = ready(aws, Instances=instances)
    found = emr.list_instance_fleets(ClusterId=key)["InstanceFleets"]
    assert [one["ProvisionedOnDemandCapacity"] for one in found] == [1, 8]
    assert [one["TargetOnDemandCapacity"] for one in found] == [1, 7]
    charges = endpoint.control("GET", "bill")["lines"]
    kinds = {one["usage"] for one in charges if one["service"] == "Amazon EMR"}
    assert kinds == {"Cluster on EC2 m5.xlarge", "Cluster on EC2 m5.2xlarge"}
    with pytest.raises(ClientError, match="mutually exclusive"):
        emr.list_instance_groups(ClusterId=key)


@pytest.mark.parametrize(
    ("action", "protected", "state"),
    [
        ("TERMINATE_CLUSTER", False, "TERMINATED_WITH_ERRORS"),
        ("TERMINATE_CLUSTER", True, "WAITING"),
        ("CANCEL_AND_WAIT", False, "WAITING"),
    ],
)
def test_a_failed_step_acts_on_its_cluster(
    aws: Aws, action: str, protected: bool, state: str
) -> None:
    emr = aws("emr")
    steps = [
        step("s3://on-time-desk/a.py", action=action),
        step("s3://on-time-desk/b.py"),
    ]
    instances = machines(TerminationProtected=protected)
    key = run(aws, Applications=NO_SPARK, Instances=instances, Steps=steps)
    last, first = emr.list_steps(ClusterId=key)["Steps"]
    found = ended(aws, key, first["Id"])
    assert 'Cannot run program "spark-submit"' in found["FailureDetails"]["Message"]
    assert ended(aws, key, last["Id"])["State"] == "CANCELLED"
    for _ in range(3):
        found = status(aws, key)
    assert found["State"] == state
    if state != "WAITING":
        assert found["StateChangeReason"] == {
            "Code": "STEP_FAILURE",
            "Message": "Shut down as step failed",
        }


def test_what_does_not_act_is_refused_by_name(aws: Aws) -> None:
    action = {"Name": "b", "ScriptBootstrapAction": {"Path": "s3://b/a.sh"}}
    for members, name in (
        ({"ReleaseLabel": "emr-6.15.0"}, "ReleaseLabel='emr-6.15.0'"),
        ({"Applications": [{"Name": "Hive"}]}, "Applications.Name='Hive'"),
        (
            {"Configurations": [{"Classification": "yarn-site"}]},
            "Classification='yarn-site'",
        ),
        ({"BootstrapActions": [action]}, "BootstrapActions"),
        ({"Instances": machines(Ec2KeyName="k")}, "Instances.Ec2KeyName"),
        ({"EbsRootVolumeSize": 20}, "EbsRootVolumeSize"),
    ):
        with pytest.raises(ClientError, match="NotImplementedInLocal") as error:
            run(aws, **members)
        assert name in str(error.value)
    assert aws("emr").list_clusters()["Clusters"] == []


def test_what_emr_does_not_take(aws: Aws) -> None:
    both = machines(MasterInstanceType="m5.xlarge")
    for members, message in (
        ({"JobFlowRole": "nobody"}, "Invalid InstanceProfile: nobody."),
        ({"ServiceRole": PROFILE}, f"{PROFILE} is invalid"),
        ({"ReleaseLabel": "seven"}, "release label is invalid: seven"),
        ({"Instances": {"MasterInstanceType": "m5.nano"}}, "'m5.nano' is not"),
        ({"Instances": both}, "either instance groups"),
        ({"Instances": machines(Ec2SubnetId="subnet-1")}, "subnet-1 does not exist"),
        ({"AutoTerminationPolicy": {"IdleTimeout": 5}}, "between 60 and 604800"),
        ({"StepConcurrencyLevel": 257}, "between 1 and 256"),
        ({"LogUri": "/var/log"}, "not an S3 location"),
    ):
        with pytest.raises(ClientError, match="ValidationException") as error:
            run(aws, **members)
        assert message in str(error.value)


def test_names_that_are_not_there(aws: Aws) -> None:
    emr = aws("emr")
    with pytest.raises(ClientError, match="Cluster id 'j-1' is not valid") as error:
        emr.describe_cluster(ClusterId="j-1")
    assert error.value.response["Error"]["Code"] == "InvalidRequestException"
    with pytest.raises(ClientError, match="'j-1' is not valid"):
        emr.terminate_job_flows(JobFlowIds=["j-1"])
    with pytest.raises(ClientError, match="ListInstances does not act"):
        emr.list_instances(ClusterId="j-1")


def test_releases_and_instance_types_are_awss(aws: Aws) -> None:
    emr = aws("emr")
    labels = emr.list_release_labels(Filters={"Prefix": "emr-7."})["ReleaseLabels"]
    assert asked()["ReleaseLabel"] in labels
    assert all(one.startswith("emr-7.") for one in labels)
    listed, more = [], {}
    while more is not None:
        page = emr.list_supported_instance_types(ReleaseLabel="emr-7.12.0", **more)
        listed += page["SupportedInstanceTypes"]
        more = {"Marker": page["Marker"]} if "Marker" in page else None
    found = {one["Type"]: one for one in listed}
    assert len(found) == len(listed) > 200
    assert (found["m5.xlarge"]["VCPU"], found["m5.xlarge"]["MemoryGB"]) == (4, 16)
