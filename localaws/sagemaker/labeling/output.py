"""What a labeling job writes to Amazon S3.

https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html
"""

import datetime as dt
import json
from collections import defaultdict
from typing import Any

from localaws.sagemaker.labeling.tasks import Answer, Task
from localaws.sagemaker.transfer import split

Members = dict[str, Any]
_SECOND = dt.timedelta(seconds=1)


class Output:
    """The folder of one job.

    Args:
        s3: Client with the job's role.
        path: `S3OutputPath`.
        job: Its name, the folder's too.
    """

    def __init__(self, s3: Any, path: str, job: str) -> None:
        self._s3 = s3
        self.folder = f"{path.rstrip('/')}/{job}"
        self.annotations = f"{self.folder}/annotations"
        self.manifest = f"{self.folder}/manifests/output/output.manifest"
        self._last: dt.datetime | None = None

    def clear(self) -> None:
        """Remove what an earlier try of the same job has written."""
        bucket, prefix = split(f"{self.folder}/")
        pages = self._s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                self._s3.delete_object(Bucket=bucket, Key=one["Key"])

    def answers(self, task: Task) -> None:
        """Write what each worker answered; who was done at the same second shares."""
        files: dict[str, list[Answer]] = defaultdict(list)
        for answer in task.answers:
            files[_name(answer.submitted)].append(answer)
        folder = f"{self.annotations}/worker-response/iteration-1/{task.number}"
        for name, answers in files.items():
            shown = {"answers": [_shown(one) for one in answers]}
            self._put(f"{folder}/{name}.json", json.dumps(shown))

    def request(self, tasks: list[Task], moment: dt.datetime) -> str:
        """Write the payload of a consolidation, and return its URI.

        Args:
            tasks: Those that have answers.
            moment: Names the file; each batch has a name of its own.
        """
        if self._last and moment < self._last + _SECOND:
            moment = self._last + _SECOND
        self._last = moment
        uri = self._consolidation("request", moment)
        self._put(uri, json.dumps([payload(task) for task in tasks]))
        return uri

    def response(self, given: Any) -> None:
        """Write what the consolidation of the last request has returned."""
        assert self._last is not None
        self._put(self._consolidation("response", self._last), json.dumps(given))

    def write(self, lines: list[Members], batch: int | None = None) -> None:
        """Write the augmented manifest.

        Args:
            lines: One for each object of the input.
            batch: Of one that is not the last, from 1.
        """
        text = "".join(json.dumps(line) + "\n" for line in lines)
        if batch is None:
            self._put(self.manifest, text)
            return
        for folder in ("manifests", "annotations"):
            where = f"{self.folder}/{folder}/intermediate/{batch}/output.manifest"
            self._put(where, text)

    def _consolidation(self, kind: str, moment: dt.datetime) -> str:
        folder = f"{self.annotations}/consolidated-annotation/consolidation-{kind}"
        return f"{folder}/iteration-1/{_name(moment)}.json"

    def _put(self, uri: str, text: str) -> None:
        bucket, key = split(uri)
        self._s3.put_object(Bucket=bucket, Key=key, Body=text.encode())


def payload(task: Task) -> Members:
    """Return what a consolidation function gets of one object."""
    if "source" in task.line:
        data = {"content": task.line["source"]}
    else:
        data = {"s3Uri": task.line["source-ref"]}
    return {
        "datasetObjectId": str(task.number),
        "dataObject": data,
        "annotations": [
            {
                "workerId": answer.worker,
                "annotationData": {"content": json.dumps(answer.content)},
            }
            for answer in task.answers
        ],
    }


def _shown(answer: Answer) -> Members:
    return {
        "acceptanceTime": _millis(answer.accepted),
        "answerContent": answer.content,
        "submissionTime": _millis(answer.submitted),
        "timeSpentInSeconds": answer.seconds,
        "workerId": answer.worker,
        **({"workerMetadata": answer.metadata} if answer.metadata else {}),
    }


def _name(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d_%H:%M:%S}"


def _millis(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
