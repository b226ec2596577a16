"""Clarify by the SageMaker Python SDK v3, as one types it in an account."""

import json
from typing import Any

import boto3
import pytest

from localaws.daemon import Connection
from tests.localaws.clarify.audits import IMAGE, LOANS, store, values
from tests.localaws.sagemaker.processed import ended, keys

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def processor(endpoint: Connection, role: str, bucket: str) -> Any:
    """A processor of Clarify's image."""
    from sagemaker.core.clarify import SageMakerClarifyProcessor
    from sagemaker.core.helper.session_helper import Session

    made = SageMakerClarifyProcessor(
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=Session(),
    )
    assert made.image_uri == IMAGE
    return made


def test_a_bias_report_by_the_sdk(processor: Any) -> None:
    from sagemaker.core.clarify import BiasConfig, DataConfig

    data = DataConfig(
        s3_data_input_path=store("loans.csv", LOANS),
        s3_output_path="s3://on-time-desk/bias",
        label="paid",
        headers=list(LOANS),
    )
    bias = BiasConfig(
        label_values_or_threshold=[1],
        facet_name=["sex", "age"],
        facet_values_or_threshold=[["f"], [40]],
        group_name="branch",
    )
    processor.run_pre_training_bias(data, bias, methods=["CI", "DPL"], logs=False)
    stored = keys("bias/")
    names = {key.removeprefix("bias/") for key in stored}
    copies = {"report.ipynb", "report.html", "report.pdf"}
    assert names == {"analysis_config.json", "analysis.json", *copies}
    found = json.loads(stored["bias/analysis.json"])["pre_training_bias_metrics"]
    assert list(found["facets"]) == ["sex", "age"]
    women, older = (values(groups[0]) for groups in found["facets"].values())
    assert women == {"CI": pytest.approx(0.2), "DPL": pytest.approx(7 / 12)}
    assert older == {"CI": pytest.approx(-0.2), "DPL": pytest.approx(0.75 - 0.5)}


def test_the_sdk_sees_a_model_analysis_refused(processor: Any) -> None:
    from sagemaker.core.clarify import (
        BiasConfig,
        DataConfig,
        ModelConfig,
        ModelPredictedLabelConfig,
    )

    data = DataConfig(
        s3_data_input_path=store("loans.csv", LOANS),
        s3_output_path="s3://on-time-desk/bias",
        label="paid",
    )
    model = ModelConfig(model_name="m", instance_type="ml.m5.large", instance_count=1)
    processor.run_bias(
        data,
        BiasConfig(label_values_or_threshold=[1], facet_name="sex"),
        model_config=model,
        model_predicted_label_config=ModelPredictedLabelConfig(),
        wait=False,
        logs=False,
        job_name="both",
    )
    done = ended("both")
    assert done["ProcessingJobStatus"] == "Failed"
    assert "methods.post_training_bias does not act" in done["FailureReason"]
    jobs = boto3.client("sagemaker").list_processing_jobs()["ProcessingJobSummaries"]
    assert [job["ProcessingJobName"] for job in jobs] == ["both"]
