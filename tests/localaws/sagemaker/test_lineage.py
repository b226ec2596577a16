"""Lineage through boto3: entities by hand, walks, and what is recorded by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.conftest import SKLEARN, wait


@pytest.fixture
def chain(aws: Callable[[str], Any]) -> dict[str, str]:
    """ARNs of data -> job -> model -> deployment -> endpoint, and of other data."""
    sagemaker = aws("sagemaker")
    made = {}
    for name, kind in (("data", "DataSet"), ("other", "DataSet"), ("model", "Model")):
        made[name] = sagemaker.create_artifact(
            ArtifactName=name,
            ArtifactType=kind,
            Source={"SourceUri": f"s3://somewhere/{name}"},
            Properties={"team": name},
        )["ArtifactArn"]
    made["job"] = sagemaker.create_trial_component(TrialComponentName="job")[
        "TrialComponentArn"
    ]
    made["deployment"] = sagemaker.create_action(
        ActionName="deployment",
        ActionType="ModelDeployment",
        Source={"SourceUri": "made-by-hand"},
    )["ActionArn"]
    made["endpoint"] = sagemaker.create_context(
        ContextName="endpoint",
        ContextType="Endpoint",
        Source={"SourceUri": "made-by-hand"},
    )["ContextArn"]
    for source, destination, kind in (
        ("data", "job", "ContributedTo"),
        ("other", "job", "ContributedTo"),
        ("job", "model", "Produced"),
        ("model", "deployment", "ContributedTo"),
        ("deployment", "endpoint", "AssociatedWith"),
    ):
        sagemaker.add_association(
            SourceArn=made[source],
            DestinationArn=made[destination],
            AssociationType=kind,
        )
    return made


def test_entities_are_made_changed_listed_deleted(aws: Callable[[str], Any]) -> None:
    sagemaker = aws("sagemaker")
    source = {"SourceUri": "s3://somewhere/data"}
    arn = sagemaker.create_artifact(
        ArtifactName="data", ArtifactType="DataSet", Source=source
    )["ArtifactArn"]
    with pytest.raises(ClientError, match="already existing artifact"):
        sagemaker.create_artifact(ArtifactType="DataSet", Source=source)
    sagemaker.update_artifact(ArtifactArn=arn, Properties={"rows": "3", "a": "b"})
    sagemaker.update_artifact(ArtifactArn=arn, PropertiesToRemove=["a"])
    found = sagemaker.describe_artifact(ArtifactArn=arn)
    assert found["Properties"] == {"rows": "3"}
    assert found["Source"] == source
    (listed,) = sagemaker.list_artifacts(SourceUri=source["SourceUri"])[
        "ArtifactSummaries"
    ]
    assert listed["ArtifactName"] == "data"
    assert not sagemaker.list_artifacts(ArtifactType="Model")["ArtifactSummaries"]
    assert sagemaker.delete_artifact(Source=source)["ArtifactArn"] == arn
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_artifact(ArtifactArn=arn)
    with pytest.raises(ClientError, match="either ArtifactArn or Source"):
        sagemaker.delete_artifact()
    sagemaker.create_trial_component(
        TrialComponentName="run",
        Parameters={"depth": {"NumberValue": 3.0}, "eta": {"NumberValue": 0.1}},
        Status={"PrimaryStatus": "InProgress"},
    )
    sagemaker.update_trial_component(
        TrialComponentName="run",
        ParametersToRemove=["eta"],
        Status={"PrimaryStatus": "Completed"},
    )
    run = sagemaker.describe_trial_component(TrialComponentName="run")
    assert run["Parameters"] == {"depth": {"NumberValue": 3.0}}
    assert run["Status"] == {"PrimaryStatus": "Completed"}
    sagemaker.delete_trial_component(TrialComponentName="run")
    assert not sagemaker.list_trial_components()["TrialComponentSummaries"]


def test_associations_are_listed_and_hold_their_ends(
    aws: Callable[[str], Any], chain: dict[str, str]
) -> None:
    sagemaker = aws("sagemaker")
    found = sagemaker.list_associations(
        DestinationArn=chain["job"], SortBy="SourceArn", SortOrder="Ascending"
    )["AssociationSummaries"]
    assert [a["SourceArn"] for a in found] == sorted([chain["data"], chain["other"]])
    assert {a["SourceName"] for a in found} == {"data", "other"}
    assert found[0]["SourceType"] == "DataSet"
    (made,) = sagemaker.list_associations(AssociationType="Produced")[
        "AssociationSummaries"
    ]
    assert made["DestinationArn"] == chain["model"]
    with pytest.raises(ClientError, match="has associations"):
        sagemaker.delete_artifact(ArtifactArn=chain["other"])
    ends = {"SourceArn": chain["other"], "DestinationArn": chain["job"]}
    sagemaker.delete_association(**ends)
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.delete_association(**ends)
    sagemaker.delete_artifact(ArtifactArn=chain["other"])
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.add_association(**ends)


@pytest.mark.parametrize(
    ("start", "query", "expected"),
    [
        ("endpoint", {"Direction": "Ascendants"}, "deployment model job data other"),
        ("endpoint", {"Direction": "Descendants"}, ""),
        ("model", {"Direction": "Both"}, "job data other deployment endpoint"),
        ("model", {"Direction": "Both", "MaxDepth": 1}, "job deployment"),
        (
            "endpoint",
            {"Direction": "Ascendants", "Filters": {"Types": ["DataSet"]}},
            "data other",
        ),
        (
            "endpoint",
            {"Direction": "Ascendants", "Filters": {"LineageTypes": ["Action"]}},
            "deployment",
        ),
        (
            "endpoint",
            {"Direction": "Ascendants", "Filters": {"Properties": {"team": "data"}}},
            "data",
        ),
        (
            "endpoint",
            {
                "Direction": "Ascendants",
                "IncludeEdges": True,
                "Filters": {"Types": ["Model"]},
            },
            "endpoint deployment model",
        ),
    ],
)
def test_a_walk_finds_what_is_asked_for(
    aws: Callable[[str], Any],
    chain: dict[str, str],
    start: str,
    query: dict[str, Any],
    expected: str,
) -> None:
    found = aws("sagemaker").query_lineage(StartArns=[chain[start]], **query)
    names = {arn: name for name, arn in chain.items()}
    assert {names[v["Arn"]] for v in found["Vertices"]} == set(expected.split())
    if query.get("IncludeEdges"):
        assert [
            (names[e["SourceArn"]], names[e["DestinationArn"]]) for e in found["Edges"]
        ] == [("deployment", "endpoint"), ("model", "deployment")]


def test_queries_page_and_need_a_start_that_is_there(
    aws: Callable[[str], Any], chain: dict[str, str]
) -> None:
    sagemaker = aws("sagemaker")
    query = {"Filters": {"LineageTypes": ["Artifact"]}, "MaxResults": 2}
    first = sagemaker.query_lineage(**query)
    rest = sagemaker.query_lineage(**query, NextToken=first["NextToken"])
    assert (len(first["Vertices"]), len(rest["Vertices"])) == (2, 1)
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.query_lineage(StartArns=[chain["data"] + "1"])


def test_an_endpoint_is_walked_back_to_its_data(
    aws: Callable[[str], Any],
    train: Callable[..., dict[str, Any]],
    role: str,
    bucket: str,
) -> None:
    sagemaker = aws("sagemaker")
    script = (
        "import os\n"
        "open(os.path.join(os.environ['SM_MODEL_DIR'], 'inference.py'), 'w')"
        ".write('def model_fn(folder): return 1')\n"
        "print('auc=0.7')\n"
    )
    job = train(script, "late")
    artefact = job["ModelArtifacts"]["S3ModelArtifacts"]
    sagemaker.create_model_package_group(ModelPackageGroupName="delays")
    container = {"Image": SKLEARN, "ModelDataUrl": artefact}
    package = sagemaker.create_model_package(
        ModelPackageGroupName="delays",
        InferenceSpecification={"Containers": [container]},
    )["ModelPackageArn"]
    sagemaker.create_model(
        ModelName="delays",
        ExecutionRoleArn=role,
        PrimaryContainer={
            "ModelPackageName": package,
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        },
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "delays",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="delays", ProductionVariants=[variant]
    )
    endpoint = sagemaker.create_endpoint(
        EndpointName="delays", EndpointConfigName="delays"
    )["EndpointArn"]
    wait(
        lambda: sagemaker.describe_endpoint(EndpointName="delays"),
        "EndpointStatus",
        "Creating",
    )
    (context,) = sagemaker.list_contexts(SourceUri=endpoint)["ContextSummaries"]
    assert context["ContextType"] == "Endpoint"

    def found(**filters: Any) -> list[str]:
        vertices = sagemaker.query_lineage(
            StartArns=[context["ContextArn"]], Direction="Ascendants", Filters=filters
        )["Vertices"]
        return [vertex["Arn"] for vertex in vertices]

    (component,) = found(Types=["TrainingJob"], LineageTypes=["TrialComponent"])
    told = sagemaker.describe_trial_component(TrialComponentName=component)
    assert told["Source"]["SourceArn"] == job["TrainingJobArn"]
    assert told["Status"]["PrimaryStatus"] == "Completed"
    assert told["Metrics"][0]["MetricName"] == "validation:auc"
    (data,) = found(Types=["DataSet"])
    uri = sagemaker.describe_artifact(ArtifactArn=data)["Source"]["SourceUri"]
    assert uri == f"s3://{bucket}/train/"
    (model,) = found(Types=["Model"])
    uri = sagemaker.describe_artifact(ArtifactArn=model)["Source"]["SourceUri"]
    assert uri == artefact
    (registered,) = found(Types=["ModelPackage"])
    uri = sagemaker.describe_artifact(ArtifactArn=registered)["Source"]["SourceUri"]
    assert uri == package
    downwards = sagemaker.query_lineage(
        StartArns=[data], Direction="Descendants", Filters={"Types": ["ModelGroup"]}
    )["Vertices"]
    assert len(downwards) == 1
    sagemaker.update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved"
    )
    (approval,) = sagemaker.list_actions(ActionType="Approval")["ActionSummaries"]
    action = sagemaker.describe_action(ActionName=approval["ActionName"])
    assert action["Properties"] == {"ModelApprovalStatus": "Approved"}
    sagemaker.delete_endpoint(EndpointName="delays")
    sagemaker.delete_endpoint_config(EndpointConfigName="delays")
    sagemaker.delete_model(ModelName="delays")
    assert found(Types=["DataSet"]) == [data]


def test_a_failed_job_is_recorded_as_failed(
    aws: Callable[[str], Any], train: Callable[..., dict[str, Any]]
) -> None:
    sagemaker = aws("sagemaker")
    job = train("raise SystemExit(3)", "broken")
    (component,) = sagemaker.list_trial_components(SourceArn=job["TrainingJobArn"])[
        "TrialComponentSummaries"
    ]
    assert component["Status"]["PrimaryStatus"] == "Failed"
    assert component["TrialComponentSource"]["SourceArn"] == job["TrainingJobArn"]
    sagemaker.delete_training_job(TrainingJobName="broken")
    assert sagemaker.list_trial_components(SourceArn=job["TrainingJobArn"])[
        "TrialComponentSummaries"
    ]


@pytest.mark.parametrize("kind", ["action", "context"])
def test_actions_and_contexts_are_changed_and_deleted(
    aws: Callable[[str], Any], kind: str
) -> None:
    sagemaker, noun = aws("sagemaker"), kind.title()
    name = {f"{noun}Name": "night"}

    def call(verb: str, **members: Any) -> dict[str, Any]:
        return getattr(sagemaker, f"{verb}_{kind}")(**name, **members)

    source = {"SourceUri": "made-by-hand"}
    call("create", **{f"{noun}Type": "Batch"}, Source=source, Properties={"a": "1"})
    call("update", Description="nightly", Properties={"b": "2", "c": "3"})
    found = call("describe")
    overwritten = ("nightly", {"b": "2", "c": "3"})
    assert (found["Description"], found["Properties"]) == overwritten
    call("update", PropertiesToRemove=["c"])
    assert call("describe")["Properties"] == {"b": "2"}
    call("delete")
    for verb in ("describe", "update", "delete"):
        with pytest.raises(ClientError, match="ResourceNotFound"):
            call(verb)
