"""From a line of the manifest to a task: the PRE function and the template."""

from typing import Any

from localaws.labelling.forms import fields
from localaws.sagemaker.labeling.functions import Functions
from localaws.sagemaker.labeling.kinds import CUSTOM, PASS, Kind
from localaws.sagemaker.labeling.tasks import LabelingFailed, Task
from localaws.sagemaker.labeling.templates import BadTemplate, Presign, render

Members = dict[str, Any]
_VERSION = "2018-10-16"


class Preparing:
    """Makes the tasks of one job.

    Args:
        document: The stored job.
        kind: Of its PRE function.
        template: Its text.
        categories: Its labels.
        functions: Invokes the learner's own.
        presign: Makes URLs of Amazon S3 that a browser can read.
    """

    def __init__(
        self,
        document: Members,
        kind: Kind,
        template: str,
        categories: list[str],
        functions: Functions,
        presign: Presign,
    ) -> None:
        self._document = document
        self._kind = kind
        self._template = template
        self._categories = categories
        self._functions = functions
        self._presign = presign

    def __call__(self, task: Task) -> bool:
        """Complete a task, or set why it fails.

        Returns:
            Whether people are to see it.
        """
        try:
            needed, task.given = self._input(task.line)
            task.html = render(self._template, task.given, self._presign)
            task.fields = fields(task.html)
        except LabelingFailed as error:
            task.failure = str(error)
        except BadTemplate as error:
            task.failure = f"ClientError: {error.message}"
        return task.failure is None and needed

    def _input(self, line: Members) -> tuple[bool, Any]:
        if self._kind is PASS:
            return True, line
        if self._kind is not CUSTOM:
            return True, self._built_in(line)
        arn = self._document["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
        event = {
            "version": _VERSION,
            "labelingJobArn": self._document["LabelingJobArn"],
            "dataObject": line,
        }
        given = self._functions.invoke(arn, event, "pre-annotation")
        if not isinstance(given, dict) or "taskInput" not in given:
            raise LabelingFailed(
                f"ClientError: The pre-annotation Lambda function {arn} must return "
                f"an object with taskInput; found {given!r}."
            )
        # the API reference has the first name, its example of a function the second
        wanted = given.get(
            "isHumanAnnotationRequired", given.get("humanAnnotationRequired", True)
        )
        return str(wanted).lower() != "false", given["taskInput"]

    def _built_in(self, line: Members) -> Members:
        if self._kind.image and "source-ref" not in line:
            raise LabelingFailed(
                f"ClientError: The task type {self._kind.name} needs a source-ref."
            )
        shown = line.get("source", line.get("source-ref"))
        return {"taskObject": shown, "labels": self._categories}
