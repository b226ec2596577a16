"""What each operation does here, read from the YAML files of this folder.

FIDELITY.md, the texts of the 501 answers and the checks of the input are made from
them; `make readme` rewrites the table. A service is one file, SageMaker one for each
family. An operation that is not listed is refused. Of one that is listed in full,
`honours` names the members of the input that act or are stored for Describe, `refuses`
those that do not, with the end of the sentence "On AWS it ..."; a path covers what is
below it, `"*"` everything. `only` limits values. `test` names the test of the row.

An operation acts, or it is refused. Of an operation that acts, each member of the
input is honoured or refused; none is dropped. A level says how far the effect goes:

    acts       the effect that AWS documents
    state      stored and returned; nothing else follows, here or on AWS
    simulated  the effect is a model (a duration, a price), and the answer says so
    refused    answers 501 and changes nothing
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from botocore.model import OperationModel, Shape

from localaws.errors import NotImplementedHere

LEVELS = ("acts", "state", "simulated", "refused")


@dataclass(frozen=True)
class Fidelity:
    """What one operation does here.

    Attributes:
        level: One of `LEVELS`.
        members: What becomes of each refused member: path to the end of the sentence
            "On AWS it ...". A path covers what is below it.
        only: Paths whose values are limited, with the values that act.
        note: The difference from AWS, if there is one.
        test: The test that proves the row.
    """

    level: str
    members: dict[str, str] = field(default_factory=dict)
    only: dict[str, list[Any]] = field(default_factory=dict)
    honours: tuple[str, ...] = ()
    note: str = ""
    test: str = ""


@functools.cache
def services() -> dict[str, Any]:
    """Return every service by its signing name, its families merged."""
    found: dict[str, Any] = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        family = yaml.safe_load(path.read_text())
        service = found.setdefault(family.pop("service"), {"operations": {}})
        operations = family.pop("operations")
        twice = service["operations"].keys() & operations
        if twice:
            raise ValueError(f"{path.name} lists again: {', '.join(sorted(twice))}")
        service |= family
        service["operations"] |= operations
    return found


@functools.cache
def fidelity(service: str, name: str) -> Fidelity:
    """Return what an operation of a service (by signing name) does here."""
    rows = services().get(service, {}).get("operations", {})
    row = rows.get(name)
    if row is None:
        return Fidelity("refused")
    if isinstance(row, str):
        return Fidelity(row)
    return Fidelity(
        row["level"],
        row.get("refuses", {}),
        row.get("only", {}),
        tuple(row.get("honours", ())),
        row.get("note", ""),
        row.get("test", ""),
    )


def refuse(service: str, name: str, documentation: str = "") -> NotImplementedHere:
    """Return the error for an operation that does not act here."""
    return NotImplementedHere(f"{service}:{name}", _sentence(documentation))


def _sentence(documentation: str) -> str:
    """Turn the first sentence of AWS's documentation into the end of ours."""
    plain = re.sub("<[^>]+>", "", documentation.replace("</p>", ". "))
    words = " ".join(re.split(r"\.\s", f"{plain} ")[0].split())
    first, _, rest = words.partition(" ")
    if first.endswith("s") and first.istitle() and rest:
        return f"{first.lower()} {rest}"
    return "acts as its documentation says"


def check_members(
    service: str, operation: OperationModel, request: dict[str, Any]
) -> None:
    """Raise `NotImplementedHere` for the first member that has no effect here.

    Nothing is dropped in silence: a member is honoured, or this names it.
    """
    row = fidelity(service, operation.name)
    for path, value in leaves(operation.input_shape, request):
        subject = f"{service}:{operation.name} {path}={value!r}"
        refused = _longest(path, row.members)
        honoured = _longest(path, row.honours)
        if refused and len(refused) > len(honoured or ""):
            if value not in (False, None, [], {}, "None", "Disabled"):
                raise NotImplementedHere(subject, row.members[refused])
        elif honoured is None:
            raise NotImplementedHere(subject, "has an effect that we do not model")


def check_values(
    service: str, operation: OperationModel, request: dict[str, Any]
) -> None:
    """Raise `NotImplementedHere` for a valid value that has no effect here."""
    only = fidelity(service, operation.name).only
    for path, value in leaves(operation.input_shape, request):
        if path in only and value not in only[path]:
            shown = ", ".join(map(repr, only[path]))
            raise NotImplementedHere(
                f"{service}:{operation.name} {path}={value!r} (here only {shown})",
                "takes other values too",
            )


def _longest(path: str, prefixes: Any) -> str | None:
    found = [p for p in prefixes if path == p or path.startswith(f"{p}.") or p == "*"]
    return max(found, key=len, default=None)


def leaves(
    shape: Shape | None, value: Any, path: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of each given member that holds no others.

    Items of a list share the path of the list; a map is one leaf. What does not fit
    the shape is left to validation.
    """
    if shape is None:
        return
    if shape.type_name == "structure":
        for name, item in value.items() if isinstance(value, dict) else ():
            below = f"{path}.{name}" if path else name
            yield from leaves(shape.members.get(name), item, below)
    elif shape.type_name == "list":
        for item in value if isinstance(value, list) else ():
            yield from leaves(shape.member, item, path)
    else:
        yield path, value


def paths(
    shape: Shape | None, path: str = "", above: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield the path of every member that a shape could hold.

    A shape inside itself is one member.
    """
    if shape is None:
        return
    within = (*above, shape.name)
    if shape.name in above:
        yield path
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from paths(member, f"{path}.{name}" if path else name, within)
    elif shape.type_name == "list":
        yield from paths(shape.member, path, within)
    else:
        yield path


def table() -> str:
    """Return the table of `fidelity.yaml` as Markdown."""
    lines = []
    for service, content in services().items():
        lines += [
            f"### {content['title']}",
            "",
            f"{content['about']}",
            "",
            "| operation | here | difference from AWS |",
            "|---|---|---|",
        ]
        for name in sorted(content["operations"]):
            row = fidelity(service, name)
            refused = ", ".join(f"`{member}`" for member in row.members)
            note = row.note + (f" Refuses {refused}." if refused else "")
            lines.append(f"| `{name}` | {row.level} | {note.strip()} |")
        lines += ["", "Every other operation answers 501 with its name.", ""]
    return "\n".join(lines)
