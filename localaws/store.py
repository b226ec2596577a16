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

from botocore.model import OperationModel

from localaws.clock import Clock
from localaws.errors import NotFound, ValidationError
from localaws.journal import Journal
from localaws.keeping import Keeping
from localaws.paging import cut, place
from localaws.resource_errors import existing, missing
from localaws.service_models import model
from localaws.wire import project

_TIME_FILTERS = {
    "CreationTimeAfter": ("CreationTime", 1),
    "CreationTimeBefore": ("CreationTime", -1),
    "LastModifiedTimeAfter": ("LastModifiedTime", 1),
    "LastModifiedTimeBefore": ("LastModifiedTime", -1),
    "CreatedAfter": ("CreationTime", 1),
    "CreatedBefore": ("CreationTime", -1),
}
_CROWDS = ("Workforce", "Workteam")
_PAGING = {"MaxResults", "NextToken", "SortBy", "SortOrder"}
Document = dict[str, Any]


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
        # a few answer with one structure that holds the resource
        output = output[noun].members if noun in output else output
        self.key = next(iter(operation(f"Describe{noun}").input_shape.members))
        self.arn = f"{noun}Arn"
        self.status = next(
            (s for s in (f"{noun}Status", "Status") if s in output), None
        )
        pattern = output[self.arn].metadata.get("pattern", "")
        found = re.search(r":([a-z][a-z0-9-]+)\\?/", pattern)
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", noun).lower()
        self.arn_kind = found[1] if found else words
        if noun in _CROWDS:
            self.arn_kind += "/private-crowd"
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
        journal: Where changes are written.
    """

    def __init__(
        self, account: str, region: str, clock: Clock, journal: Journal
    ) -> None:
        self.account = account
        self.region = region
        self.clock = clock
        self.journal = journal
        self._keeping = Keeping(journal)
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._tables: dict[str, dict[str, Document]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.on_change: Callable[[str, Document | None, Document], None] = (
            lambda noun, before, document: None
        )

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a SageMaker resource."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"

    def create(
        self, noun: str, request: Document, *, name: str | None = None, **more: Any
    ) -> Document:
        """Store a resource; exactly one of several same names wins.

        Args:
            noun: Such as `TrainingJob`.
            request: Its members; `_created` holds the time of one that is not new
                only now, such as a trial of a tuning job.
            name: What names it, if that is not the member `resource_type(noun).key`.
            more: Further members.
        """
        kind = resource_type(noun)
        name = name or request[kind.key]
        arn = self.arn(kind.arn_kind, name)
        with self.lock:
            now = request.get("_created") or self.clock.now()
            table = self._tables.setdefault(noun, {})
            if name in table:
                raise existing(noun, kind.words, name, arn)
            document = copy.deepcopy(request) | {
                kind.arn: arn,
                "CreationTime": now,
                "LastModifiedTime": now,
            }
            document |= more
            pairs = document.pop("Tags", [])
            tags = {tag["Key"]: tag["Value"] for tag in pairs}
            document |= {"_noun": noun, "_name": name}
            self._keeping.keep(document, tags=tags)
            table[name] = document
            self.tags[arn] = tags
            self.on_change(noun, None, document)
        return document

    def find(self, noun: str, name: str) -> Document:
        """Return the resource of a name or ARN, or raise as AWS does for this type."""
        kind = resource_type(noun)
        name = self.name(noun, name)
        with self.lock:
            found = self._tables.get(noun, {}).get(name)
        if found is None:
            arn = self.arn(kind.arn_kind, name)
            raise missing(noun, kind.words, name, arn)
        return found

    def name(self, noun: str, name_or_arn: str) -> str:
        """Return the name that a name or an ARN holds."""
        prefix = self.arn(resource_type(noun).arn_kind, "")
        return name_or_arn.removeprefix(prefix)

    def change(self, document: Document, **members: Any) -> None:
        """Set members of a stored resource and wake who waits for it."""
        with self.changed:
            before = {name: document.get(name) for name in members}
            members |= {"LastModifiedTime": self.clock.now()}
            self.save(document, **members)
            document |= members
            self.on_change(document["_noun"], before, document)
            self.changed.notify_all()

    def save(self, document: Document, **members: Any) -> None:
        """Keep in the journal what was changed in place, and members to be set."""
        with self.lock:
            name = document["_name"]
            if self._tables.get(document["_noun"], {}).get(name) is document:
                self._keeping.keep(document, members)

    def later(self, document: Document) -> None:
        """Let what was changed in place go to the journal after the request."""
        self._keeping.later(document)

    def delete(self, noun: str, name: str) -> Document:
        """Remove a resource and its tags, and return it."""
        with self.changed:
            document = self.find(noun, name)
            self._keeping.forget(noun, document["_name"])
            self._tables[noun].pop(document["_name"], None)
            self.tags.pop(document[resource_type(noun).arn], None)
            self.changed.notify_all()
        return document

    def documents(self, noun: str) -> list[Document]:
        """Return every resource of a type, oldest first."""
        with self.lock:
            return list(self._tables.get(noun, {}).values())

    def tagged(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource."""
        with self.lock:
            if arn not in self.tags:
                raise NotFound(f"There is no resource with ARN {arn}.")
            return self.tags[arn]

    def tag(self, arn: str, tags: dict[str, str]) -> None:
        """Set all tags of a resource."""
        with self.lock:
            self.journal.record("tags", {"arn": arn, "tags": tags})
            self.tags[arn] = tags

    def settle(self) -> None:
        """Keep in the journal what could not be kept before."""
        self._keeping.settle()

    def restore(self, kind: str, payload: Document, body: bytes) -> None:
        """Take up one record of the journal again."""
        if kind == "tags":
            self.tags[payload["arn"]] = payload["tags"]
            return
        found = self._tables.get(payload["noun"], {}).get(payload["name"])
        document = self._keeping.restore(self._tables, kind, payload, body)
        arn = (document or found or {}).get(resource_type(payload["noun"]).arn, "")
        if document is None:
            self.tags.pop(arn, None)
        elif "tags" in payload:
            self.tags[arn] = payload["tags"]

    def list(
        self, noun: str, request: Document, only: Callable[[Document], bool] = bool
    ) -> Document:
        """Filter, sort and page resources as the List operation documents."""
        kind = resource_type(noun)
        output = operation(f"List{noun}s").output_shape
        member, summaries = next(
            (name, shape)
            for name, shape in output.members.items()
            if shape.type_name == "list"
        )
        keep = [_filter(kind, name, request[name]) for name in request.keys() - _PAGING]
        inputs = operation(f"List{noun}s").input_shape.members
        by_name = "is <code>Name</code>" in inputs["SortBy"].documentation
        by = request.get("SortBy", "Name" if by_name else "CreationTime")
        order = {"Name": kind.key, "Status": kind.status}.get(by) or by
        with self.lock:
            found = [
                (place(_comparable(d.get(order, "")), d["_name"]), d)
                for d in self.documents(noun)
                if only(d) and all(test(d) for test in keep)
            ]
            shown, token = cut(found, request, descending=_descending(noun, request))
            answer = {member: [project(summaries.member, d) for d in shown]}
        return answer | ({"NextToken": token} if token else {})


def _descending(noun: str, request: Document) -> bool:
    shape = operation(f"List{noun}s").input_shape.members["SortOrder"]
    default = "Ascending" if "Ascending" in shape.documentation else "Descending"
    return request.get("SortOrder", default) == "Descending"


def _filter(kind: ResourceType, name: str, value: Any) -> Callable[[Document], bool]:
    if name == "NameContains":
        return lambda document: value.lower() in document[kind.key].lower()
    if name.endswith("NamePrefix"):
        return lambda document: document[kind.key].startswith(value)
    if name == "StatusEquals":
        return lambda document: document[kind.status] == value
    if name not in _TIME_FILTERS:
        member = name.removesuffix("Equals")
        return lambda document: _comparable(document.get(member)) == value
    member, sign = _TIME_FILTERS[name]
    limit = dt.datetime.fromtimestamp(float(value), dt.UTC)
    return lambda document: (document[member] - limit).total_seconds() * sign > 0


def _comparable(value: Any) -> Any:
    """Return a member's value, or what names the state or source that it holds."""
    if isinstance(value, dict):
        return next(iter(value.values()), "")
    return value


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
