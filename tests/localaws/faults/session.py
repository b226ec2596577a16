"""A scripted session of many services, and everything that it has changed."""

import io
import json
import random
from collections.abc import Callable
from typing import Any

import boto3

from tests.conftest import work_role
from tests.localaws.sagemaker import hosted, pipelining
from tests.localaws.sagemaker.conftest import SKLEARN, archive, wait

BUCKET = pipelining.BUCKET
GROUP = "flights"
ENDLESS = "import time\nwhile True:\n    time.sleep(1)\n"
# A request that is under way at the kill may be there afterwards, or not.
FLYING = "flying"


class Session:
    """The steps of a session; each can be taken once, in order."""

    def __init__(self) -> None:
        for name in ("s3", "iam", "sqs", "events", "logs", "cloudwatch", "sagemaker"):
            setattr(self, name, boto3.client(name))
        self.records = boto3.client("sagemaker-featurestore-runtime")
        self.role = ""
        self.queue = ""
        self.taken: list[str] = []

    @property
    def steps(self) -> list[Callable[[], Any]]:
        """What is done, in order."""
        return [
            self.identities,
            self.objects,
            self.parts,
            self.messages,
            self.rules,
            self.metrics,
            self.features,
            self.packages,
            self.train,
            self.model,
            self.endpoint,
            self.train_on,
            self.pipeline,
            self.tags,
            self.deletions,
            self.lineage,
        ]

    def identities(self) -> None:
        self.role = work_role(self.iam)
        self.iam.create_user(UserName="ann")
        self.key = self.iam.create_access_key(UserName="ann")["AccessKey"]
        nothing = "arn:aws:s3:::nothing/*"
        statement = {"Effect": "Deny", "Action": "s3:*", "Resource": nothing}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.iam.put_role_policy(
            RoleName="work", PolicyName="none", PolicyDocument=json.dumps(policy)
        )

    def objects(self) -> None:
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.create_bucket(Bucket="versions")
        self.s3.put_bucket_versioning(
            Bucket="versions", VersioningConfiguration={"Status": "Enabled"}
        )
        for number in range(3):
            body = random.Random(number).randbytes(3000)
            for bucket in (BUCKET, "versions"):
                self.s3.put_object(
                    Bucket=bucket, Key="a b", Body=body, Metadata={"my_key": "x"}
                )
        self.s3.put_object_tagging(
            Bucket=BUCKET, Key="a b", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]}
        )
        self.s3.copy_object(
            Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "a b"}
        )

    def parts(self) -> None:
        large = random.Random(1).randbytes(9 * 2**20)
        self.s3.upload_fileobj(io.BytesIO(large), "versions", "large")
        self.s3.create_multipart_upload(Bucket=BUCKET, Key="unfinished")

    def messages(self) -> None:
        self.queue = self.sqs.create_queue(
            QueueName="desk", Attributes={"VisibilityTimeout": "43200"}
        )["QueueUrl"]
        for number in range(4):
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=str(number))
        got = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=2)
        first, self.second = (m["ReceiptHandle"] for m in got["Messages"])
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=first)

    def rules(self) -> None:
        pattern = json.dumps({"source": ["desk"]})
        self.events.put_rule(Name="desk", EventPattern=pattern)
        arn = self._attributes()["QueueArn"]
        self.events.put_targets(Rule="desk", Targets=[{"Id": "1", "Arn": arn}])
        entry = {"Source": "desk", "DetailType": "x", "Detail": "{}"}
        self.events.put_events(Entries=[entry])

    def metrics(self) -> None:
        self.logs.create_log_group(logGroupName="/desk")
        self.logs.create_log_stream(logGroupName="/desk", logStreamName="s")
        self.cloudwatch.put_metric_alarm(
            AlarmName="late",
            Namespace="desk",
            MetricName="minutes",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )

    def features(self) -> None:
        self.sagemaker.create_feature_group(
            FeatureGroupName=GROUP,
            RecordIdentifierFeatureName="id",
            EventTimeFeatureName="at",
            FeatureDefinitions=[
                {"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")
            ],
            OnlineStoreConfig={"EnableOnlineStore": True},
            OfflineStoreConfig={"S3StorageConfig": {"S3Uri": f"s3://{BUCKET}/offline"}},
            RoleArn=self.role,
        )
        wait(
            lambda: self.sagemaker.describe_feature_group(FeatureGroupName=GROUP),
            "FeatureGroupStatus",
            "Creating",
        )
        for name in "abc":
            self.put_record(name)
        self.records.delete_record(
            FeatureGroupName=GROUP,
            RecordIdentifierValueAsString="c",
            EventTime="2026-01-02T00:00:00Z",
        )

    def put_record(self, name: str) -> None:
        self.records.put_record(
            FeatureGroupName=GROUP,
            Record=[
                {"FeatureName": "id", "ValueAsString": name},
                {"FeatureName": "at", "ValueAsString": "2026-01-01T00:00:00Z"},
            ],
        )

    def packages(self) -> None:
        self.sagemaker.create_model_package_group(ModelPackageGroupName="delays")
        container = {"Image": SKLEARN, "ModelDataUrl": f"s3://{BUCKET}/copy"}
        for _ in range(2):
            arn = self.sagemaker.create_model_package(
                ModelPackageGroupName="delays",
                InferenceSpecification={
                    "Containers": [container],
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedResponseMIMETypes": ["text/csv"],
                },
            )["ModelPackageArn"]
        self.sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Approved"
        )

    def train(self) -> None:
        self._train("short", "print('auc=0.5')")
        self._ended("short")

    def train_on(self) -> None:
        self._train("endless", ENDLESS)

    def model(self) -> None:
        hosted.make_model("m", self.role, BUCKET)
        hosted.configure("m", hosted.variant("m"))

    def endpoint(self) -> None:
        self.sagemaker.create_endpoint(EndpointName="m", EndpointConfigName="m")
        assert hosted.settled("m")["EndpointStatus"] == "InService"

    def pipeline(self) -> None:
        waits = pipelining.step("Ask", "Callback", SqsQueueUrl=self.queue)
        waits |= {"OutputParameters": []}
        pipelining.create(pipelining.definition(waits, Depth=3), self.role)
        self.execution = pipelining.start()
        wait(
            lambda: {"Status": pipelining.steps(self.execution).get("Ask", {})},
            "Status",
            {},
        )

    def tags(self) -> None:
        arn = self.sagemaker.describe_model(ModelName="m")["ModelArn"]
        pairs = [{"Key": "team", "Value": "desk"}, {"Key": "cost", "Value": "1"}]
        self.sagemaker.add_tags(ResourceArn=arn, Tags=pairs)
        self.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["cost"])

    def deletions(self) -> None:
        self.s3.delete_object(Bucket="versions", Key="a b")
        self.s3.delete_object(Bucket=BUCKET, Key="copy")
        hosted.configure("unused", hosted.variant("m"))
        self.sagemaker.delete_endpoint_config(EndpointConfigName="unused")

    def lineage(self) -> None:
        arns = [
            self.sagemaker.create_artifact(
                Source={"SourceUri": f"s3://{BUCKET}/{name}"}, ArtifactType="DataSet"
            )["ArtifactArn"]
            for name in "xyz"
        ]
        for arn in arns[1:]:
            self.sagemaker.add_association(
                SourceArn=arns[0], DestinationArn=arn, AssociationType="Produced"
            )
        self.sagemaker.delete_association(SourceArn=arns[0], DestinationArn=arns[2])

    def _train(self, name: str, script: str) -> None:
        body = archive(train_py=script)
        self.s3.put_object(Bucket=BUCKET, Key=f"{name}.tar.gz", Body=body)
        self.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={
                "TrainingImage": SKLEARN,
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "auc", "Regex": "auc=([0-9.]+)"}],
            },
            RoleArn=self.role,
            HyperParameters={
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": f"s3://{BUCKET}/{name}.tar.gz",
            },
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models/"},
            ResourceConfig={
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
        )

    def _ended(self, name: str) -> dict[str, Any]:
        return wait(
            lambda: self.sagemaker.describe_training_job(TrainingJobName=name),
            "TrainingJobStatus",
            "InProgress",
            "Stopping",
        )

    def _attributes(self) -> dict[str, str]:
        return self.sqs.get_queue_attributes(
            QueueUrl=self.queue, AttributeNames=["All"]
        )["Attributes"]
