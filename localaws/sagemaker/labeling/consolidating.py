"""From workers' answers to one label: AWS's functions for classes, or the learner's."""

import datetime as dt
from typing import Any

from localaws.labelling.consolidation import consolidate
from localaws.sagemaker.labeling.functions import Functions
from localaws.sagemaker.labeling.kinds import CUSTOM, PASS, Kind
from localaws.sagemaker.labeling.output import Output, payload
from localaws.sagemaker.labeling.tasks import LabelingFailed, Task

Members = dict[str, Any]
_VERSION = "2018-10-06"
_YES, _NO = "yes", "no"


class Consolidating:
    """Finds the labels of one job's objects.

    Args:
        document: The stored job.
        kind: Of its ACS function.
        categories: Its labels.
        functions: Invokes the learner's own.
        output: Where requests and responses go.
    """

    def __init__(
        self,
        document: Members,
        kind: Kind,
        categories: list[str],
        functions: Functions,
        output: Output,
    ) -> None:
        self._document = document
        self._kind = kind
        self._categories = categories
        self._functions = functions
        self._output = output
        self._label: str = document["LabelAttributeName"]
        task = document["HumanTaskConfig"]
        self._workers: int = task["NumberOfHumanWorkersPerDataObject"]

    def __call__(self, tasks: list[Task], moment: dt.datetime) -> dict[int, Members]:
        """Return the members that each object's line gets, by its number.

        Args:
            tasks: Those that have answers; one that has no label gets its failure.
            moment: When the labels are made.
        """
        tasks = [task for task in tasks if self._fits(task)]
        if not tasks:
            return {}
        uri = self._output.request(tasks, moment)
        try:
            given = self._response(tasks, uri)
        except LabelingFailed as error:
            for task in tasks:
                task.failure = str(error)
            return {}
        self._output.response(given)
        contents = _contents(given)
        found = {}
        for task in tasks:
            content = contents.get(str(task.number))
            if not isinstance(content, dict) or self._label not in content:
                task.failure = (
                    "ClientError: The post-annotation Lambda function returned no "
                    f"{self._label} for the object {task.number}."
                )
                continue
            found[task.number] = self._members(content, moment)
        return found

    def _fits(self, task: Task) -> bool:
        """AWS's functions know the labels of the configuration, and no others."""
        if self._kind in (CUSTOM, PASS):
            return True
        said = {one for answer in task.answers for one in _chosen(answer.content)}
        other = sorted(said - set(self._categories))
        if other:
            task.failure = (
                f"ClientError: The template offers {', '.join(other)}, which the label "
                "category configuration file does not name."
            )
        return not other

    def _members(self, content: Members, moment: dt.datetime) -> Members:
        name = f"{self._label}-metadata"
        return {
            **content,
            name: {
                **content.get(name, {}),
                "type": self._kind.type,
                "job-name": f"labeling-job/{self._document['LabelingJobName']}",
                "human-annotated": _YES,
                "creation-date": f"{moment:%Y-%m-%dT%H:%M:%S.%f}",
            },
        }

    def _response(self, tasks: list[Task], uri: str) -> Any:
        if self._kind is CUSTOM:
            return self._invoke(uri)
        if self._kind is PASS:
            contents = [
                {self._label: {"annotationsFromAllWorkers": payload(t)["annotations"]}}
                for t in tasks
            ]
        elif self._kind.multiple:
            contents = self._multiple(tasks)
        else:
            contents = self._single(tasks)
        return [
            {
                "datasetObjectId": str(task.number),
                "consolidatedAnnotation": {"content": content},
            }
            for task, content in zip(tasks, contents, strict=True)
        ]

    def _invoke(self, uri: str) -> Any:
        task = self._document["HumanTaskConfig"]
        arn = task["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"]
        event = {
            "version": _VERSION,
            "labelingJobArn": self._document["LabelingJobArn"],
            "labelCategories": self._categories,
            "labelAttributeName": self._label,
            "roleArn": self._document["RoleArn"],
            "payload": {"s3Uri": uri},
            "outputConfig": self._output.annotations,
            "maxHumanWorkersPerDataObject": self._workers,
        }
        return self._functions.invoke(arn, event, "post-annotation")

    def _single(self, tasks: list[Task]) -> list[Members]:
        votes = [{a.worker: _chosen(a.content)[0] for a in t.answers} for t in tasks]
        found = consolidate(votes, self._categories)
        contents = []
        for place in range(len(tasks)):
            name, confidence = found.best(place)
            told = {"class-name": name, "confidence": self._confidence(confidence)}
            label = {self._label: self._categories.index(name)}
            contents.append(label | {f"{self._label}-metadata": told})
        return contents

    def _multiple(self, tasks: list[Task]) -> list[Members]:
        chosen = [{a.worker: _chosen(a.content) for a in t.answers} for t in tasks]
        certain: list[dict[int, float]] = [{} for _ in tasks]
        for number, category in enumerate(self._categories):
            votes = [
                {who: _YES if category in said else _NO for who, said in one.items()}
                for one in chosen
            ]
            found = consolidate(votes, (_YES, _NO))
            for place, one in enumerate(votes):
                if _YES in one.values():
                    sure = found.posteriors[place][_YES]
                    certain[place][number] = self._confidence(sure)
        return [
            {
                self._label: list(one),
                f"{self._label}-metadata": {
                    "class-map": {str(n): self._categories[n] for n in one},
                    "confidence-map": {str(n): sure for n, sure in one.items()},
                },
            }
            for one in certain
        ]

    def _confidence(self, posterior: float) -> float:
        """A single worker says nothing of how sure a label is: AWS gives 0."""
        return 0.0 if self._workers == 1 else round(posterior, 2)


def _contents(given: Any) -> dict[str, Any]:
    found = {}
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and "datasetObjectId" in one:
            inner = one.get("consolidatedAnnotation") or {}
            found[str(one["datasetObjectId"])] = inner.get("content")
    return found


def _chosen(content: Members) -> list[str]:
    """Return the categories that a form holds, whatever its element is called."""
    for value in content.values():
        if isinstance(value, dict):
            if "labels" in value:
                return list(value["labels"])
            if "label" in value:
                return [value["label"]]
    return []
