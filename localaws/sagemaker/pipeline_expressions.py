"""The expressions of a pipeline definition: what they refer to, and their values."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")
VARIABLES = (
    "StartDateTime",
    "CurrentDateTime",
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "TrainingJobName",
    "ProcessingJobName",
)
_STEP = re.compile(r"Steps\.([A-Za-z0-9_-]+)(?:\.(.*))?", re.DOTALL)
_TOKEN = re.compile(
    r"\.?([A-Za-z_$@][\w-]*)|\.?\['([^']*)'\]|\.?\[\"([^\"]*)\"\]|\.?\[(\d+)\]"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: left == right,
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanOrEqualTo": lambda left, right: left >= right,
    "LessThan": lambda left, right: left < right,
    "LessThanOrEqualTo": lambda left, right: left <= right,
}
COMPARISONS = tuple(_COMPARE)


class Unresolved(Exception):
    """An expression has no value; the text is the reason that a step fails with."""


def is_expression(value: Any) -> bool:
    """Return whether a value of a definition is computed when its step runs."""
    return (
        isinstance(value, dict) and len(value) == 1 and next(iter(value)) in FUNCTIONS
    )


def references(value: Any) -> Iterator[str]:
    """Yield every reference, such as `Parameters.Depth`, below a value."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "Get" and len(value) == 1:
                yield str(item)
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def step_reference(reference: str) -> tuple[str, str] | None:
    """Return the step and the path of a reference to a step, or None."""
    found = _STEP.fullmatch(reference)
    return (found[1], found[2] or "") if found else None


def tokens(path: str) -> list[str | int]:
    """Split `A.B['c'][0]` into its names and numbers.

    Raises:
        ValueError: It is not such a path.
    """
    found: list[str | int] = []
    end = 0
    while end < len(path):
        match = _TOKEN.match(path, end)
        if match is None:
            raise ValueError(path)
        end = match.end()
        number = match[4]
        name = next((group for group in match.groups()[:3] if group is not None), "")
        found.append(int(number) if number is not None else name)
    return found


def dig(value: Any, path: str) -> Any:
    """Return what stands at a path; an item of a list goes by number or by name.

    Raises:
        LookupError: Nothing stands there.
        ValueError: The path is not one.
    """
    steps = tokens(path)
    for token in steps[1:] if steps[:1] == ["$"] else steps:
        if isinstance(value, list) and isinstance(token, str):
            value = _named(value, token)
        elif isinstance(value, (list, Mapping)):
            value = value[token]
        else:
            raise LookupError(token)
    return value


def _named(items: list[Any], name: str) -> Any:
    for item in items:
        if isinstance(item, Mapping) and any(
            key.endswith("Name") and held == name for key, held in item.items()
        ):
            return item
    raise LookupError(name)


def text(value: Any) -> str:
    """Write a value as Pipelines puts it into a string."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return stamp(value)
    return value if isinstance(value, str) else json.dumps(value)


def stamp(when: dt.datetime) -> str:
    """Write a time in ISO 8601, to the millisecond."""
    return when.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def plain(value: Any) -> Any:
    """Return a description with its times as text."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return stamp(value) if isinstance(value, dt.datetime) else value


@dataclass
class Scope:
    """What the expressions of one execution refer to.

    Attributes:
        parameters: Values by name.
        variables: Gives the value of an execution variable.
        read: Gives the bytes of an S3 URI.
        files: Property files by step.
        properties: What each step that has succeeded was described as.
        own: Name of the job of the step whose arguments are resolved.
    """

    parameters: dict[str, Any]
    variables: Callable[[str], str]
    read: Callable[[str], bytes]
    files: dict[str, list[dict[str, str]]]
    properties: dict[str, Any] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """Return a value with every expression replaced.

        Raises:
            Unresolved: One of them has no value.
        """
        if is_expression(value):
            function, given = next(iter(value.items()))
            if function == "Get":
                return self._get(given)
            if function == "Std:Join":
                values = map(text, self.resolve(given.get("Values", [])))
                return str(given.get("On", "")).join(values)
            return self._json(given)
        if isinstance(value, dict):
            return {
                name: self.resolve(item)
                for name, item in value.items()
                if item is not None
            }
        return [self.resolve(item) for item in value] if type(value) is list else value

    def holds(self, condition: dict[str, Any]) -> bool:
        """Return whether a condition is met.

        Raises:
            Unresolved: A side has no value, or the two sides do not compare.
        """
        kind = condition["Type"]
        if kind == "Not":
            return not self.holds(condition.get("Condition") or condition["Expression"])
        if kind == "Or":
            return any(self.holds(inner) for inner in condition["Conditions"])
        if kind == "In":
            return self.resolve(condition["QueryValue"]) in self.resolve(
                condition["Values"]
            )
        left = self.resolve(condition["LeftValue"])
        right = self.resolve(condition["RightValue"])
        if _family(left) != _family(right):
            raise Unresolved(
                f"Condition {kind} cannot compare {left!r} with {right!r}: they are of "
                "different types."
            )
        return _COMPARE[kind](left, right)

    def _get(self, reference: str) -> Any:
        kind, _, name = reference.partition(".")
        if kind == "Parameters":
            return self.parameters[name]
        if kind == "Execution":
            return self.own[name] if name in self.own else self.variables(name)
        found = step_reference(reference)
        try:
            assert found is not None
            return dig(self.properties[found[0]], found[1])
        except (LookupError, ValueError, AssertionError) as error:
            raise Unresolved(f"{{'Get': '{reference}'}} is undefined.") from error

    def _json(self, given: dict[str, Any]) -> Any:
        uri = self.resolve(given["S3Uri"]) if "S3Uri" in given else self._file(given)
        try:
            document = json.loads(self.read(uri))
        except ClientError as error:
            found = error.response["Error"]
            raise Unresolved(
                f"Received an error while reading file {uri} from S3: "
                f"{found['Code']}: {found['Message']}"
            ) from error
        except ValueError as error:
            raise Unresolved(
                f"Contents of file {uri} are not in valid JSON format."
            ) from error
        try:
            return dig(document, given["Path"])
        except (LookupError, ValueError) as error:
            raise Unresolved(f"Invalid json path '{given['Path']}'") from error

    def _file(self, given: dict[str, Any]) -> str:
        step, name = property_file(given)
        described = self.properties.get(step, {})
        for file in self.files.get(step, []):
            if file["PropertyFileName"] == name:
                path = f"ProcessingOutputConfig.Outputs['{file['OutputName']}']"
                try:
                    uri = dig(described, f"{path}.S3Output.S3Uri")
                except LookupError:
                    break
                return f"{uri.rstrip('/')}/{file['FilePath'].lstrip('/')}"
        raise Unresolved(f"Step '{step}' does not yet contain processing outputs.")


def property_file(given: dict[str, Any]) -> tuple[str, str]:
    """Return the step and the property file that a JsonGet reads.

    Raises:
        ValueError: It names none.
    """
    reference = given.get("PropertyFile")
    reference = reference.get("Get") if isinstance(reference, dict) else reference
    found = step_reference(reference) if isinstance(reference, str) else None
    if found is None or not found[1].startswith("PropertyFiles."):
        raise ValueError(reference)
    return found[0], found[1].removeprefix("PropertyFiles.")


def _family(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    return type(value).__name__
