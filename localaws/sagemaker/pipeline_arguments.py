"""The arguments and properties of steps, checked against botocore's model."""

from typing import Any

from botocore.model import Shape

from localaws.errors import ValidationError
from localaws.sagemaker.pipeline_expressions import is_expression, tokens
from localaws.sagemaker.pipeline_kinds import KINDS, Kind
from localaws.store import operation

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
}
_PARAMETERS = {
    "string": ("String",),
    "boolean": ("Boolean",),
    "integer": ("Integer",),
    "long": ("Integer",),
    "float": ("Float", "Integer"),
    "double": ("Float", "Integer"),
}
_UNREADABLE = "Unable to parse pipeline definition. Model Validation failed:"


def check_arguments(kind: Kind, arguments: Any, types: dict[str, str]) -> None:
    """Raise `ValidationError` for arguments that the step's operation cannot take.

    Args:
        kind: What the step creates.
        arguments: Its arguments, expressions and all.
        types: The type of each pipeline parameter.
    """
    _check(operation(f"Create{kind.noun}").input_shape, arguments, "Arguments", types)


def _check(shape: Shape, value: Any, path: str, types: dict[str, str]) -> None:
    kind = shape.type_name
    if value is None:
        return
    if is_expression(value):
        _check_expression(kind, value, types)
    elif kind in ("structure", "map"):
        if not isinstance(value, dict):
            raise ValidationError(f"{_UNREADABLE} '{path}' is not a Json Object.")
        for name, item in value.items():
            inner = shape.value if kind == "map" else shape.members.get(name)
            if inner is None:
                raise ValidationError(
                    f"{_UNREADABLE} '{path}.{name}' is not a member of {shape.name}."
                )
            _check(inner, item, f"{path}.{name}", types)
    elif kind == "list":
        if not isinstance(value, list):
            raise ValidationError(
                "Unable to parse pipeline definition. Expecting start of Json Array."
            )
        for number, item in enumerate(value):
            _check(shape.member, item, f"{path}[{number}]", types)
    elif kind in _TYPES:
        _check_scalar(shape, value, path)


def _check_scalar(shape: Shape, value: Any, path: str) -> None:
    kind = shape.type_name
    flag = isinstance(value, bool) and kind != "boolean"
    if flag or not isinstance(value, _TYPES[kind]):
        raise ValidationError(
            f"{_UNREADABLE} Value {value!r} at '{path}' is not of type {kind}."
        )
    if kind == "string" and shape.enum and value not in shape.enum:
        raise ValidationError(
            f"{_UNREADABLE} Value '{value}' for '{shape.name}' failed to satisfy enum "
            f"value set: [{', '.join(shape.enum)}]"
        )


def _check_expression(kind: str, value: dict[str, Any], types: dict[str, str]) -> None:
    function, given = next(iter(value.items()))
    found = None
    if function == "Std:Join":
        found, shown = "String", "Std:Join"
    elif function == "Get" and str(given).startswith("Parameters."):
        found, shown = types.get(given.partition(".")[2]), given
    allowed = _PARAMETERS.get(kind, ())
    if found and found not in allowed:
        wanted = {"structure": "Object", "map": "Object", "list": "Array"}.get(kind)
        raise ValidationError(
            f"Cannot assign property reference [{shown}] to argument of type "
            f"{wanted or allowed[0]}"
        )


def check_property(kind: str, given: dict[str, Any], path: str) -> bool:
    """Return whether a step of a type has a property.

    Args:
        kind: Type of the step.
        given: Its definition.
        path: Such as `ModelArtifacts.S3ModelArtifacts`.
    """
    try:
        parts = tokens(path)
    except ValueError:
        return False
    if kind == "Condition":
        return parts == ["Outcome"]
    if kind in ("Callback", "Lambda"):
        outputs = [output["OutputName"] for output in given.get("OutputParameters", ())]
        return parts[:1] == ["OutputParameters"] and parts[1:2][0] in outputs
    if kind not in KINDS or not parts:
        return False
    noun = KINDS[kind].noun
    shapes = [operation(f"Describe{noun}").output_shape]
    if kind == "Tuning":
        shapes.append(operation(f"ListTrainingJobsFor{noun}").output_shape)
    return any(_reaches(shape, parts) for shape in shapes)


def _reaches(shape: Shape, parts: list[str | int]) -> bool:
    if not parts:
        return True
    if shape.type_name == "structure":
        inner = shape.members.get(parts[0])
    elif shape.type_name == "map":
        inner = shape.value
    else:
        inner = shape.member if shape.type_name == "list" else None
    return inner is not None and _reaches(inner, parts[1:])
