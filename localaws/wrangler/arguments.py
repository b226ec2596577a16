"""The container's arguments, which a shell would take apart."""

import json
import shlex
from dataclasses import dataclass, field
from typing import Any

from localaws.wrangler.errors import FlowError

Members = dict[str, Any]
_OUTPUT = ("content_type", "delimiter", "compression", "partition_config")
_REFIT = ("refit", "output_flow")


@dataclass(frozen=True)
class Arguments:
    """What the job's arguments ask for.

    Attributes:
        outputs: Form of each output, by its name.
        refit: Whether everything trained is trained anew.
        output_flow: Name of the flow file that holds what was trained then.
        overrides: Values of the flow's parameters.
    """

    outputs: dict[str, Members] = field(default_factory=dict)
    refit: bool = False
    output_flow: str = ""
    overrides: Members = field(default_factory=dict)


def parse(given: list[str]) -> Arguments:
    """Return what a job's ContainerArguments ask for."""
    words: list[str] = []
    for argument in given:
        # an export notebook puts an option and its quoted value into one argument
        one = argument.startswith("--") and any(map(str.isspace, argument))
        try:
            words += shlex.split(argument) if one else [argument]
        except ValueError as error:
            raise FlowError(
                f"the argument {argument!r} cannot be read: {error}"
            ) from error
    if len(words) % 2:
        raise FlowError(f"each argument needs a value; found {words}")
    outputs: dict[str, Members] = {}
    refit: Members = {}
    overrides: Members = {}
    for option, text in zip(words[::2], words[1::2], strict=True):
        value = _json(option, text)
        if option == "--output-config":
            outputs |= value
        elif option == "--refit-trained-params":
            refit = value
        elif option == "--parameter-override":
            overrides |= value
        else:
            raise FlowError(f"unknown argument {option!r}")
    for name, form in outputs.items():
        _check(f"--output-config of {name!r}", form, _OUTPUT)
    _check("--refit-trained-params", refit, _REFIT)
    wanted = str(refit.get("refit", False)).lower() == "true"
    return Arguments(outputs, wanted, refit.get("output_flow") or "", overrides)


def _json(option: str, text: str) -> Members:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise FlowError(f"{option} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise FlowError(f"{option} must be a JSON object; found {text!r}")
    return value


def _check(what: str, given: Any, known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known)) if isinstance(given, dict) else [given]
    if unknown:
        raise FlowError(f"{what} has unknown members: {', '.join(map(str, unknown))}")
