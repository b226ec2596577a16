"""The learner's Lambda functions that a labeling job invokes."""

import json
from typing import Any

from botocore.exceptions import ClientError

from localaws.sagemaker.labeling.rights import Rights
from localaws.sagemaker.labeling.tasks import LabelingFailed


class Functions:
    """Invokes functions as the role of one job.

    Args:
        client: Of AWS Lambda, with the role's credentials.
        rights: The role's.
    """

    def __init__(self, client: Any, rights: Rights) -> None:
        self._client = client
        self._rights = rights

    def invoke(self, arn: str, event: dict[str, Any], stage: str) -> Any:
        """Return what a function returns.

        Args:
            arn: Of the function.
            event: What it gets.
            stage: Such as `pre-annotation`, for the reason of a failure.

        Raises:
            LabelingFailed: The role may not invoke it, or it failed.
        """
        self._rights.demand("lambda:InvokeFunction", arn)
        said = f"ClientError: The {stage} Lambda function {arn}"
        try:
            answer = self._client.invoke(FunctionName=arn, Payload=json.dumps(event))
        except ClientError as error:
            found = error.response["Error"]
            raise LabelingFailed(
                f"{said} cannot be invoked: {found['Code']}: {found['Message']}"
            ) from error
        payload = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise LabelingFailed(
                f"{said} failed with error {answer['FunctionError']}: {payload}"
            )
        return json.loads(payload)
