"""The arguments that every transform of `awsglue` takes."""

from typing import Any

from localaws.glue_runtime.refusing import NotActingHere


def thresholds(
    method: str,
    more: tuple[Any, ...],
    named: dict[str, Any],
    known: tuple[str, ...] = (),
) -> None:
    """Refuse what stops a job at a number of errors.

    Args:
        method: What takes them.
        more: transformation_ctx, info, stageThreshold, totalThreshold.
        named: The same by name.
        known: Other names that act.
    """
    names = ("transformation_ctx", "info", "stageThreshold", "totalThreshold")
    given = {**dict(zip(names, more, strict=False)), **named}
    for name, value in given.items():
        if name in names[2:] and value:
            raise NotActingHere(
                f"{method}({name}={value})", "fails the job at that many errors"
            )
        if name not in (*names, *known):
            raise TypeError(f"{method}() has no argument {name!r}")
