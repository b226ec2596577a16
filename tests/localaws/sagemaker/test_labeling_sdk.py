"""Labeling jobs through the SageMaker Python SDK v3."""

import pytest

from tests.localaws.sagemaker.labelled import Desk, manifest

pytestmark = pytest.mark.filterwarnings("ignore")


def test_the_sdk_waits_for_a_job(endpoint, role, bucket):
    from sagemaker.core.resources import LabelingJob

    desk = Desk(endpoint, role)
    desk.tell({"fine": "glad"})
    desk.sagemaker.create_labeling_job(**desk.asked([{"source": "fine"}]))
    job = LabelingJob.get("moods")
    job.wait(poll=1)
    assert job.labeling_job_status == "Completed"
    assert job.label_counters.human_labeled == 1
    uri = job.labeling_job_output.output_dataset_s3_uri
    (line,) = manifest({"LabelingJobOutput": {"OutputDatasetS3Uri": uri}})
    assert line["source"] == "fine"
