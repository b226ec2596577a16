"""The steps of a recipe: what is no action is invalid, what does not act is refused."""

from collections.abc import Iterable

from localaws.brew.documented import CONDITIONS, absent, acting
from localaws.errors import NotImplementedHere, ValidationError
from localaws.limits import limit
from localaws.services.databrew.operations import Members


def check(operation: str, steps: Iterable[Members]) -> None:
    """Refuse steps that cannot be done.

    Args:
        operation: For the message.
        steps: Of a recipe.

    Raises:
        ValidationError: DataBrew knows no such action, or lacks a parameter.
        NotImplementedHere: It does not act here.
    """
    found = list(steps)
    most = int(limit("databrew", "recipe_steps"))
    if len(found) > most:
        raise ValidationError(f"A recipe has at most {most} steps, found {len(found)}.")
    for number, one in enumerate(found, 1):
        _check(operation, number, one)


def _check(operation: str, number: int, step: Members) -> None:
    name = step["Action"]["Operation"]
    given = step["Action"].get("Parameters") or {}
    if name in absent():
        raise NotImplementedHere(
            f"databrew:{operation} Steps.Action.Operation={name!r}", absent()[name]
        )
    known = acting().get(name)
    if known is None:
        raise ValidationError(f"Step {number}: the operation {name} is not valid.")
    for one in known.needs:
        if one not in given:
            raise ValidationError(
                f"Step {number} ({name}): the parameter {one} is required."
            )
    for one in given:
        if one not in (*known.needs, *known.may):
            raise NotImplementedHere(
                f"databrew:{operation} {name} Parameters.{one}",
                "may take it into account",
            )
    _check_conditions(operation, number, step)


def _check_conditions(operation: str, number: int, step: Members) -> None:
    name = step["Action"]["Operation"]
    given = step.get("ConditionExpressions") or []
    if name == "REMOVE_VALUES" and not given:
        raise ValidationError(
            f"Step {number} ({name}): ConditionExpressions must be given."
        )
    if given and not acting()[name].within:
        raise NotImplementedHere(
            f"databrew:{operation} ConditionExpressions of {name}",
            "narrows the rows on which the action acts",
        )
    for one in given:
        if one["Condition"] not in CONDITIONS:
            raise ValidationError(
                f"Step {number} ({name}): {one['Condition']} is not a condition."
            )
        said = (step["Action"].get("Parameters") or {}).get("columnDataType")
        if one["Condition"] == "IS_INVALID" and said is None:
            raise NotImplementedHere(
                f"databrew:{operation} IS_INVALID without columnDataType",
                "knows the column's type from the rows before",
            )
