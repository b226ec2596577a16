"""What resources are made of must be there, and fit together."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.desk import BUCKET, container, variant
from tests.localaws.sagemaker.kind_callers import ByBoto3, both_of
from tests.localaws.sagemaker.placing import NEEDS

pytestmark = pytest.mark.usefixtures("role", "bucket")
NOWHERE = f"s3://{BUCKET}/none.tar.gz"
LOST = {"Containers": [{**container(NOWHERE), "ContainerHostname": "a"}]}
BARE = {"VariantName": "AllTraffic", "ModelName": "m2", "InitialInstanceCount": 1}
SHADOWS = {
    "ProductionVariants": [variant("m2")],
    "ShadowProductionVariants": [
        variant("m2", VariantName="shadow"),
        variant("m2", VariantName="other"),
    ],
}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "https://example.com/x",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/none/1"
DATA = "Could not find model data at s3://on-time-desk/none.tar.gz."


def component(**specification: Any) -> dict[str, Any]:
    """Return the specification of a component."""
    needs = {"ComputeResourceRequirements": NEEDS, **specification}
    return {"Specification": needs}


@both_of(
    ("Model", {"PrimaryContainer": container(NOWHERE)}, DATA),
    ("Model", {"PrimaryContainer": None, **LOST}, DATA),
    ("Model", {"ExecutionRoleArn": None}, "You must provide ExecutionRoleArn."),
    ("Model", {"PrimaryContainer": None}, "You must provide either PrimaryContainer"),
    ("Model", LOST, "You must provide either PrimaryContainer or Containers."),
    (
        "Model",
        {"PrimaryContainer": container(NOWHERE, Mode="MultiModel")},
        "ModelDataUrl of a container in the Mode MultiModel is the prefix",
    ),
    (
        "Model",
        {
            "PrimaryContainer": None,
            "Containers": [container(NOWHERE), container(NOWHERE)],
            "InferenceExecutionConfig": {"Mode": "Direct"},
        },
        "Each container needs a ContainerHostname",
    ),
    (
        "EndpointConfig",
        {"ProductionVariants": [variant("none")]},
        'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/none".',
    ),
    (
        "EndpointConfig",
        {"ProductionVariants": [variant("m2"), variant("m2")]},
        "Variant names must be unique",
    ),
    (
        "EndpointConfig",
        {"ProductionVariants": [BARE]},
        "Variant 'AllTraffic' needs InstanceType.",
    ),
    ("EndpointConfig", SHADOWS, "you can only specify one variant"),
    (
        "EndpointConfig",
        {"ProductionVariants": [variant(None)]},
        "must provide ExecutionRoleArn",
    ),
    ("EndpointConfig", {"DataCaptureConfig": CAPTURE}, "S3 URI 'https://example"),
    (
        "Endpoint",
        {"EndpointConfigName": "none"},
        'Could not find endpoint configuration "arn:aws:sagemaker:',
    ),
    ("InferenceComponent", {"EndpointName": "none"}, "Could not find endpoint "),
    ("InferenceComponent", {"VariantName": "none"}, "has no variant none"),
    ("InferenceComponent", component(ModelName="none"), "Could not find model "),
    (
        "InferenceComponent",
        component(Container={"Image": container("")["Image"], "ArtifactUrl": NOWHERE}),
        DATA,
    ),
    ("Pipeline", {"PipelineDefinition": "{"}, "not valid JSON"),
    (
        "Pipeline",
        {
            "PipelineDefinition": None,
            "PipelineDefinitionS3Location": {"Bucket": BUCKET, "ObjectKey": "none"},
        },
        "Unable to read the pipeline definition from s3://on-time-desk/none",
    ),
    (
        "ModelPackage",
        {"InferenceSpecification": {"Containers": [container(NOWHERE)]}},
        DATA,
    ),
    (
        "ModelPackage",
        {"InferenceSpecification": None},
        "Provide an InferenceSpecification",
    ),
    (
        "ModelPackage",
        {"InferenceSpecification": None, "SourceUri": PACKAGE},
        f"ModelPackage {PACKAGE} does not exist.",
    ),
    (
        "ModelPackage",
        {"ModelPackageName": None, "ModelPackageGroupName": "none"},
        "does not exist.",
    ),
    (
        "ModelPackage",
        {"ModelPackageGroupName": "none"},
        "Cannot determine which one to use.",
    ),
    ("ModelCard", {"Content": "{"}, "Model card content is not JSON"),
    ("ModelCard", {"Content": '{"mood": {}}'}, "mood is none of"),
    (
        "FeatureGroup",
        {"RecordIdentifierFeatureName": "none"},
        "must be one of the FeatureDefinitions",
    ),
    ("FeatureGroup", {"RoleArn": None}, "An OfflineStore needs a RoleArn"),
    (
        "FeatureGroup",
        {"OnlineStoreConfig": None, "OfflineStoreConfig": None},
        "Enable the OnlineStore",
    ),
)
def test_what_a_resource_is_made_of(
    caller: ByBoto3, change: dict[str, Any], text: str
) -> None:
    caller.kind.prepare()
    with pytest.raises(ClientError) as caught:
        caller.make(**change)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert text in error["Message"]
    assert not caller.there()


@both_of(("Trial", {"ExperimentName": "none"}, "Experiment arn:aws:sagemaker:"))
def test_a_trial_is_of_an_experiment(
    caller: ByBoto3, change: dict[str, Any], text: str
) -> None:
    with pytest.raises(ClientError) as caught:
        caller.make(**change)
    error = caught.value.response["Error"]
    assert error["Code"] == "ResourceNotFound"
    assert error["Message"].startswith(text)
    assert not caller.there()
