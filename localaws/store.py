"""SageMaker's resources, derived from botocore's own model of the service.

A resource type knows its key, its ARN and its status member from the model; create,
describe, list and delete are written once for all of them. What a resource *does*
stands in `localaws.sagemaker`.
"""

import copy
import datetime as dt
import functools
import re
import threading
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.model import OperationModel

from localaws.clock import Clock
from localaws.errors import AwsError, NotFound, ValidationError
from localaws.wire import project

_TIME_FILTERS = {
    "CreationTimeAfter": ("CreationTime", 1),
    "CreationTimeBefore": ("CreationTime", -1),
    "LastModifiedTimeAfter": ("LastModifiedTime", 1),
    "LastModifiedTimeBefore": ("LastModifiedTime", -1),
}
_PAGING = {"MaxResults", "NextToken", "SortBy", "SortOrder"}
Document = dict[str, Any]


@functools.cache
def model(service: str = "sagemaker") -> Any:
    """Return botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


def operation(name: str) -> OperationModel:
    """Return botocore's model of a SageMaker operation."""
    return model().operation_model(name)


class ResourceType:
    """What botocore's model says of one kind of resource.

    Attributes:
        key: Input member that names a resource, such as `EndpointName`.
        arn: Member that holds its ARN.
        status: Member that holds its status, or None.
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        output = operation(f"Describe{noun}").output_shape.members
        self.key = next(iter(operation(f"Describe{noun}").input_shape.members))
        self.arn = f"{noun}Arn"
        self.status = f"{noun}Status" if f"{noun}Status" in output else None
        pattern = output[self.arn].metadata.get("pattern", "")
        found = re.search(r":([a-z][a-z0-9-]+)/", pattern)
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
        self.arn_kind = found[1] if found else words
        self.words = words.replace("-", " ").replace(" config", " configuration")


@functools.cache
def resource_type(noun: str) -> ResourceType:
    """Return the type of a resource, such as `TrainingJob`."""
    return ResourceType(noun)


class Store:
    """The resources of one account and region.

    Args:
        account: Twelve digits.
        region: Such as `us-east-1`.
        clock: Gives creation times.
    """

    def __init__(self, account: str, region: str, clock: Clock) -> None:
        self.account = account
        self.region = region
        self.clock = clock
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._tables: dict[str, dict[str, Document]] = {}
        self.tags: dict[str, dict[str, str]] = {}

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a SageMaker resource."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"

    def create(self, noun: str, request: Document, **more: Any) -> Document:
        """Store a resource; exactly one of several same names wins."""
        kind = resource_type(noun)
        name = request[kind.key]
        arn = self.arn(kind.arn_kind, name)
        now = self.clock.now()
        with self.lock:
            table = self._tables.setdefault(noun, {})
            if name in table:
                raise _exists(kind, arn)
            document = copy.deepcopy(request) | {
                kind.arn: arn,
                "CreationTime": now,
                "LastModifiedTime": now,
            }
            document |= more
            tags = document.pop("Tags", [])
            table[name] = document
            self.tags[arn] = {tag["Key"]: tag["Value"] for tag in tags}
        return document

    def find(self, noun: str, name: str) -> Document:
        """Return the stored resource, or raise as AWS does for this type."""
        kind = resource_type(noun)
        with self.lock:
            found = self._tables.get(noun, {}).get(name)
        if found is None:
            arn = self.arn(kind.arn_kind, name)
            if noun == "TrainingJob":
                raise ValidationError("Requested resource not found.")
            raise ValidationError(f'Could not find {kind.words} "{arn}".')
        return found

    def change(self, document: Document, **members: Any) -> None:
        """Set members of a stored resource and wake who waits for it."""
        with self.changed:
            document |= members | {"LastModifiedTime": self.clock.now()}
            self.changed.notify_all()

    def delete(self, noun: str, name: str) -> Document:
        """Remove a resource and its tags, and return it."""
        document = self.find(noun, name)
        with self.changed:
            self._tables[noun].pop(name, None)
            self.tags.pop(document[resource_type(noun).arn], None)
            self.changed.notify_all()
        return document

    def documents(self, noun: str) -> list[Document]:
        """Return every resource of a type, oldest first."""
        with self.lock:
            return list(self._tables.get(noun, {}).values())

    def tagged(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, to read or to change."""
        with self.lock:
            if arn not in self.tags:
                raise NotFound(f"There is no resource with ARN {arn}.")
            return self.tags[arn]

    def list(self, noun: str, request: Document) -> Document:
        """Filter, sort and page resources as the List operation documents."""
        kind = resource_type(noun)
        output = operation(f"List{noun}s").output_shape
        member, summaries = next(
            (name, shape)
            for name, shape in output.members.items()
            if shape.type_name == "list"
        )
        keep = [_filter(kind, name, request[name]) for name in request.keys() - _PAGING]
        found = [d for d in self.documents(noun) if all(test(d) for test in keep)]
        order = {"Name": kind.key, "Status": kind.status}.get(
            request.get("SortBy", "CreationTime"), "CreationTime"
        )
        found.sort(
            key=lambda document: document[order],
            reverse=_descending(noun, request),
        )
        shown = [project(summaries.member, document) for document in found]
        return page(member, shown, request)


def _exists(kind: ResourceType, arn: str) -> AwsError:
    if kind.noun == "TrainingJob":
        return AwsError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, "
            f"and a training job with this name already exists ({arn})",
        )
    return ValidationError(f'Cannot create already existing {kind.words} "{arn}".')


def _descending(noun: str, request: Document) -> bool:
    shape = operation(f"List{noun}s").input_shape.members["SortOrder"]
    default = "Ascending" if "Ascending" in shape.documentation else "Descending"
    return request.get("SortOrder", default) == "Descending"


def _filter(kind: ResourceType, name: str, value: Any) -> Callable[[Document], bool]:
    if name == "NameContains":
        return lambda document: value.lower() in document[kind.key].lower()
    if name == "StatusEquals":
        return lambda document: document[kind.status] == value
    member, sign = _TIME_FILTERS[name]
    limit = dt.datetime.fromtimestamp(float(value), dt.UTC)
    return lambda document: (document[member] - limit).total_seconds() * sign > 0


def page(member: str, found: list[Any], request: Document) -> Document:
    """Return one page of a list operation's answer.

    Args:
        member: Output member that holds the items.
        found: All items, in order.
        request: Holds `MaxResults` (10 by default) and `NextToken`.
    """
    try:
        start = int(request.get("NextToken", 0))
    except ValueError as error:
        raise ValidationError("NextToken is not one that was given out.") from error
    end = start + int(request.get("MaxResults", 10))
    answer: Document = {member: found[start:end]}
    if end < len(found):
        answer["NextToken"] = str(end)
    return answer
