"""A desk that has texts and images labelled: what a labeling job is made of."""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from localaws.daemon import Connection
from localaws.labelling.pool import digest
from tests.localaws.sagemaker.conftest import wait

BUCKET = "on-time-desk"
PUBLIC = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
BUILT_IN = "arn:aws:lambda:us-east-1:432418664414:function:"
RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:ListBucket",
                "s3:PutObject",
                "lambda:InvokeFunction",
            ],
            "Resource": "*",
        }
    ],
}
MOODS = ("calm", "cross", "glad")
CLASSIFIER = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-classifier name="mood" categories="{{ task.input.labels | to_json | escape }}"
      header="How is the passenger?">
    <classification-target>{{ task.input.taskObject }}</classification-target>
  </crowd-classifier>
</crowd-form>"""
IMAGE = """<crowd-form>
  <crowd-image-classifier name="sky"
      src="{{ task.input.taskObject | grant_read_access }}"
      categories="{{ task.input.labels | to_json | escape }}" header="What is seen?">
  </crowd-image-classifier>
</crowd-form>"""


def put(key: str, body: str | bytes) -> str:
    """Store an object and return its URI."""
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def read(uri: str) -> str:
    """Return an object's text."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def keys(prefix: str) -> list[str]:
    """Return the names of the objects below a prefix of the bucket, without it."""
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    return [
        one["Key"].removeprefix(prefix)
        for page in pages.paginate(Bucket=BUCKET, Prefix=prefix)
        for one in page.get("Contents", ())
    ]


class Desk:
    """Has objects labelled by jobs that differ in little.

    Args:
        endpoint: Where.
        role: Of the jobs.
    """

    def __init__(self, endpoint: Connection, role: str) -> None:
        self._endpoint = endpoint
        self.role = role
        self.sagemaker = boto3.client("sagemaker")
        self.allow(RIGHTS)

    def allow(self, policy: Mapping[str, Any]) -> None:
        """Give the role one policy."""
        boto3.client("iam").put_role_policy(
            RoleName=self.role.rpartition("/")[2],
            PolicyName="files",
            PolicyDocument=json.dumps(policy),
        )

    def tell(self, truth: Mapping[str | bytes, Any], **crowd: Any) -> None:
        """Tell the crowd what is true of contents."""
        told = {digest(content): answer for content, answer in truth.items()}
        body = {"truth": told, **({"crowd": crowd} if crowd else {})}
        self._endpoint.control("POST", "labelling/truth", body)

    def control(self, name: str, **body: Any) -> dict[str, Any]:
        """Ask the control API."""
        return self._endpoint.control("POST", f"labelling/{name}", body)

    def team(self, name: str = "desk") -> str:
        """Make a private work team and return its ARN."""
        member = {"UserPool": "us-east-1_desk", "UserGroup": name, "ClientId": "portal"}
        made = self.sagemaker.create_workteam(
            WorkteamName=name,
            Description="Who answers the letters",
            MemberDefinitions=[{"CognitoMemberDefinition": member}],
        )
        return made["WorkteamArn"]

    def asked(
        self,
        lines: list[Any],
        name: str = "moods",
        kind: str = "TextMultiClass",
        template: str = CLASSIFIER,
        labels: tuple[str, ...] = MOODS,
        workers: int = 3,
        team: str = PUBLIC,
        **task: Any,
    ) -> dict[str, Any]:
        """Store what a job reads and return its input."""
        rows = [one if isinstance(one, str) else json.dumps(one) for one in lines]
        config = {
            "document-version": "2018-11-28",
            "labels": [{"label": one} for one in labels],
        }
        price = {"AmountInUsd": {"Cents": 1, "TenthFractionsOfACent": 2}}
        public = {"PublicWorkforceTaskPrice": price} if team == PUBLIC else {}
        return {
            "LabelingJobName": name,
            "LabelAttributeName": "mood",
            "InputConfig": {
                "DataSource": {
                    "S3DataSource": {
                        "ManifestS3Uri": put(f"in/{name}.manifest", "\n".join(rows))
                    }
                }
            },
            "OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "RoleArn": self.role,
            "LabelCategoryConfigS3Uri": put(f"in/{name}.json", json.dumps(config)),
            "HumanTaskConfig": {
                "WorkteamArn": team,
                "UiConfig": {"UiTemplateS3Uri": put(f"in/{name}.liquid", template)},
                "PreHumanTaskLambdaArn": f"{BUILT_IN}PRE-{kind}",
                "TaskTitle": "Mood",
                "TaskDescription": "Say how the writer feels",
                "NumberOfHumanWorkersPerDataObject": workers,
                "TaskTimeLimitInSeconds": 300,
                "AnnotationConsolidationConfig": {
                    "AnnotationConsolidationLambdaArn": f"{BUILT_IN}ACS-{kind}"
                },
                **public,
                **task,
            },
        }

    def label(self, *args: Any, **more: Any) -> dict[str, Any]:
        """Run a job to its end; arguments as for `asked`."""
        given = self.asked(*args, **more)
        self.sagemaker.create_labeling_job(**given)
        return self.ended(given["LabelingJobName"])

    def ended(self, name: str) -> dict[str, Any]:
        """Wait for a job's end and return its description."""
        return wait(
            lambda: self.sagemaker.describe_labeling_job(LabelingJobName=name),
            "LabelingJobStatus",
            "Initializing",
            "InProgress",
            "Stopping",
        )


def manifest(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of the augmented manifest of a job."""
    text = read(job["LabelingJobOutput"]["OutputDatasetS3Uri"])
    return [json.loads(line) for line in text.splitlines()]


def letters(count: int) -> dict[str, str]:
    """Return texts and what is true of each."""
    return {f"Letter number {n}": MOODS[n % 3] for n in range(count)}
