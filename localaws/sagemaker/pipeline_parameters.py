"""The parameters of a pipeline: their types, defaults and values."""

import re
from typing import Any

from localaws.errors import ValidationError

_PYTHON: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}
_MEMBERS = {"Name", "Type", "DefaultValue", "EnumValues"}


def check_parameters(given: Any) -> dict[str, dict[str, Any]]:
    """Return the parameters that a definition declares, by name.

    Raises:
        ValidationError: One has no name, an unknown type or a default of another.
    """
    if not isinstance(given, list):
        raise ValidationError(
            "Unable to parse pipeline definition. Expecting start of Json Array."
        )
    found: dict[str, dict[str, Any]] = {}
    for parameter in given:
        if not isinstance(parameter, dict):
            raise ValidationError(
                "Unable to parse pipeline definition. Expecting start of Json Object."
            )
        name, kind = parameter.get("Name"), parameter.get("Type")
        if not isinstance(name, str) or not re.fullmatch(r"[\w-]{1,256}", name):
            raise ValidationError(f"{name!r} is not the name of a pipeline parameter.")
        if name in found:
            raise ValidationError(f"Pipeline parameter '{name}' is declared twice.")
        if kind not in _PYTHON or parameter.keys() - _MEMBERS:
            raise ValidationError(
                f"Unable to parse pipeline definition. Pipeline parameter '{name}' of "
                f"type {kind!r} is not one of {', '.join(_PYTHON)}."
            )
        default = parameter.get("DefaultValue")
        if default is not None:
            flag = isinstance(default, bool) and kind != "Boolean"
            if flag or not isinstance(default, _PYTHON[kind]):
                raise ValidationError(_unexpected(name, kind, default))
            _check_enum(parameter, default)
        found[name] = parameter
    return found


def values(
    declared: dict[str, dict[str, Any]], given: list[dict[str, str]]
) -> dict[str, Any]:
    """Return the value of every parameter of an execution.

    Args:
        declared: As `check_parameters` returns them.
        given: Name and text of those that the caller sets.

    Raises:
        ValidationError: One is unknown, of another type, or has no value.
    """
    texts: dict[str, str] = {}
    for pair in given:
        if pair["Name"] in texts:
            raise ValidationError(f"Duplicate parameter '{pair['Name']}'.")
        texts[pair["Name"]] = pair["Value"]
    for name in texts:
        if name not in declared:
            raise ValidationError(f"Unknown parameter '{name}'.")
    found = {}
    for name, parameter in declared.items():
        if name in texts:
            found[name] = _typed(name, parameter["Type"], texts[name])
            _check_enum(parameter, found[name])
        elif parameter.get("DefaultValue") is not None:
            found[name] = parameter["DefaultValue"]
        else:
            raise ValidationError(f"Parameter '{name}' is undefined.")
    return found


def convert(kind: str, value: str) -> Any:
    """Return a text as a value of a type.

    Raises:
        ValueError: It is not one.
    """
    if kind == "Boolean":
        if value.lower() not in ("true", "false"):
            raise ValueError(value)
        return value.lower() == "true"
    if kind == "Integer":
        return int(value)
    return float(value) if kind == "Float" else value


def _typed(name: str, kind: str, value: str) -> Any:
    if not value:
        raise ValidationError(
            '[string "" is too short (length: 0, required minimum: 1)]'
        )
    try:
        return convert(kind, value)
    except ValueError as error:
        raise ValidationError(_unexpected(name, kind, value)) from error


def _unexpected(name: str, kind: str, value: Any) -> str:
    return (
        f"Unexpected type for parameter '{name}'. Expected {kind} but found {value!r}."
    )


def _check_enum(parameter: dict[str, Any], value: Any) -> None:
    allowed = parameter.get("EnumValues")
    if allowed and value not in allowed:
        raise ValidationError(
            f"Value {value!r} of parameter '{parameter['Name']}' is not in its enum "
            f"value set: [{', '.join(map(str, allowed))}]"
        )
