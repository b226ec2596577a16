"""The kinds of resources that have a name, in one table: what tests ask of each alike.

Jobs have a table of their own, in `family`.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3

from tests.localaws.sagemaker import placing, registering
from tests.localaws.sagemaker.desk import (
    BUCKET,
    ROLE,
    container,
    store,
    variant,
)
from tests.localaws.sagemaker.flying import group
from tests.localaws.sagemaker.pipelining import NOTHING

Members = dict[str, Any]
_INVALID = "ValidationException"
_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Attributes:
        noun: Such as `EndpointConfig`.
        stem: Such as `endpoint_config`.
        request: Makes the members of a Create, but for the name.
        missing: Code and text of the error about a name that nobody has.
        taken: Code and text of the error about a name that somebody has.
        prepare: Makes what has to be there before the first is created.
        busy: Statuses in which it is not deleted yet.
        deleting: Codes of another deletion while the first is under way; it is then
            there for a while.
    """

    noun: str
    stem: str
    request: Callable[[], Members]
    missing: tuple[str, str]
    taken: tuple[str, str]
    prepare: Callable[[], object] = field(default=lambda: None)
    busy: tuple[str, ...] = ()
    deleting: tuple[str, ...] = ()


def _model() -> Members:
    uri = store("m2.tar.gz", 2)
    return {"ExecutionRoleArn": ROLE, "PrimaryContainer": container(uri)}


def make_model() -> None:
    """Make the model `m2`."""
    boto3.client("sagemaker").create_model(ModelName="m2", **_model())


def make_config() -> None:
    """Make the model `m2` and the configuration `c2` of it."""
    make_model()
    boto3.client("sagemaker").create_endpoint_config(
        EndpointConfigName="c2", ProductionVariants=[variant("m2")]
    )


def _component() -> Members:
    return {
        "EndpointName": "desk",
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": "m2",
            "ComputeResourceRequirements": placing.NEEDS,
        },
        "RuntimeConfig": {"CopyCount": 1},
    }


def _pipeline() -> Members:
    return {
        "PipelineDefinition": NOTHING,
        "RoleArn": ROLE,
        "ClientRequestToken": f"{next(_NUMBERS):032}",
    }


def _features() -> Members:
    given = group(ROLE, BUCKET)
    del given["FeatureGroupName"]
    return given


def _sourced(noun: str) -> Callable[[], Members]:
    source = {"SourceUri": "s3://on-time-desk/a"}
    return lambda: {"Source": source, f"{noun}Type": "Approval"}


def _kept(noun: str) -> tuple[str, str]:
    return "ResourceNotFound", f"{noun} arn:aws:sagemaker:us-east-1:"


def _found(words: str) -> Members:
    return {
        "missing": (_INVALID, f'Could not find {words} "'),
        "taken": (_INVALID, f'Cannot create already existing {words} "'),
    }


def _unique(words: str) -> tuple[str, str]:
    unique = "names must be unique within an AWS account and region."
    return _INVALID, f"{words} {unique}"


KINDS = (
    Kind("Model", "model", _model, **_found("model")),
    Kind(
        "EndpointConfig",
        "endpoint_config",
        lambda: {"ProductionVariants": [variant("m2")]},
        **_found("endpoint configuration"),
        prepare=make_model,
    ),
    Kind(
        "Endpoint",
        "endpoint",
        lambda: {"EndpointConfigName": "c2"},
        **_found("endpoint"),
        prepare=make_config,
        busy=("Creating",),
    ),
    Kind(
        "InferenceComponent",
        "inference_component",
        _component,
        **_found("inference component"),
        prepare=lambda: placing.share(ROLE, 2),
    ),
    Kind(
        "Pipeline",
        "pipeline",
        _pipeline,
        missing=("ResourceNotFound", "Pipeline 'arn:aws:sagemaker:us-east-1:"),
        taken=_unique("Pipeline"),
    ),
    Kind(
        "ModelPackageGroup",
        "model_package_group",
        dict,
        missing=(_INVALID, "ModelPackageGroup arn:aws:sagemaker:us-east-1:"),
        taken=(_INVALID, "Model Package Group already exists: arn:aws:"),
    ),
    Kind(
        "ModelPackage",
        "model_package",
        lambda: {"InferenceSpecification": registering.specification(BUCKET)},
        missing=(_INVALID, "ModelPackage arn:aws:sagemaker:us-east-1:"),
        taken=(_INVALID, 'Cannot create already existing model package "'),
    ),
    Kind(
        "ModelCard",
        "model_card",
        lambda: {"Content": "{}", "ModelCardStatus": "Draft"},
        missing=_kept("ModelCard"),
        taken=("ConflictException", "ModelCard arn:aws:sagemaker:us-east-1:"),
    ),
    Kind(
        "FeatureGroup",
        "feature_group",
        _features,
        missing=("ResourceNotFound", "Resource Not Found: Amazon SageMaker can't find"),
        taken=("ResourceInUse", "Resource Already Exists: FeatureGroup with name"),
        busy=("Creating",),
        deleting=(_INVALID,),
    ),
    Kind(
        "Action",
        "action",
        _sourced("Action"),
        missing=_kept("Action"),
        taken=(_INVALID, 'Cannot create already existing action "'),
    ),
    Kind(
        "Context",
        "context",
        _sourced("Context"),
        missing=_kept("Context"),
        taken=(_INVALID, 'Cannot create already existing context "'),
    ),
    Kind(
        "Experiment",
        "experiment",
        dict,
        missing=_kept("Experiment"),
        taken=_unique("Experiment"),
    ),
    Kind(
        "Trial",
        "trial",
        lambda: {"ExperimentName": "delays"},
        missing=_kept("Trial"),
        taken=_unique("Trial"),
        prepare=lambda: boto3.client("sagemaker").create_experiment(
            ExperimentName="delays"
        ),
    ),
    Kind(
        "TrialComponent",
        "trial_component",
        dict,
        missing=_kept("TrialComponent"),
        taken=_unique("Trial component"),
    ),
)
BY_NOUN = {kind.noun: kind for kind in KINDS}
