"""Tuning jobs that are refused before they begin."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.tuned import X, begin

pytestmark = pytest.mark.usefixtures("role", "bucket")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"definition": {"RoleArn": "arn:aws:iam::123456789012:role/none"}}, "assume"),
        ({"static": {"x": "1"}}, "both static and tunable: x"),
        (
            {"definition": {"EnableManagedSpotTraining": True}},
            "Invalid MaxWaitTimeInSeconds",
        ),
        ({"Strategy": "Grid"}, "only categorical"),
        ({"Strategy": "Hyperband"}, "needs a MaxResource"),
        (
            {
                "Strategy": "Hyperband",
                "static": {"epochs": "9"},
                "TrainingJobEarlyStoppingType": "Auto",
            },
            "must be Off to use Hyperband",
        ),
        ({"jobs": None}, "needs MaxNumberOfTrainingJobs"),
        (
            {"ranges": {"ContinuousParameterRanges": [{**X, "MaxValue": "-1"}]}},
            "must not exceed",
        ),
        (
            {
                "ranges": {
                    "ContinuousParameterRanges": [{**X, "ScalingType": "Logarithmic"}]
                }
            },
            "above 0",
        ),
        (
            {
                "ranges": {
                    "ContinuousParameterRanges": [
                        {**X, "ScalingType": "ReverseLogarithmic"}
                    ]
                }
            },
            "within 0 <= x < 1.0",
        ),
        (
            {
                "HyperParameterTuningJobObjective": {
                    "Type": "Maximize",
                    "MetricName": "other",
                }
            },
            "A metric is required for this hyperparameter tuning job objective",
        ),
    ],
)
def test_wrong_input_is_refused(members: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin(**members)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    sagemaker = boto3.client("sagemaker")
    listed = sagemaker.list_hyper_parameter_tuning_jobs()
    assert not listed["HyperParameterTuningJobSummaries"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"top": {"Autotune": {"Mode": "Enabled"}}}, "Autotune"),
        (
            {"ranges": {"AutoParameters": [{"Name": "x", "ValueHint": "1"}]}},
            "AutoParameters",
        ),
        (
            {
                "definition": {
                    "VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}
                }
            },
            "CreateTrainingJob VpcConfig",
        ),
        (
            {
                "definition": {
                    "EnableNetworkIsolation": True,
                    "ResourceConfig": {
                        "InstanceType": "ml.m5.large",
                        "InstanceCount": 2,
                        "VolumeSizeInGB": 1,
                    },
                }
            },
            "CreateTrainingJob EnableNetworkIsolation=True",
        ),
    ],
)
def test_what_does_not_act_is_refused_by_name(members: Any, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        begin(**members)
    assert caught.value.response["Error"]["Code"] == "NotImplementedInLocalEndpoint"
