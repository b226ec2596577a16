"""The control requests of labelling, beside the AWS API: truth, tasks and answers."""

from typing import Any

from localaws.errors import ValidationError
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.labeling.portal import Portal

Members = dict[str, Any]


def tasks(engine: Engine, asked: Members) -> Members:
    """Answer the control request for a work team's open tasks."""
    found = engine.part(Portal).tasks(_text(asked, "workteam"), asked.get("worker"))
    return {"tasks": found}


def answers(engine: Engine, asked: Members) -> Members:
    """Answer the control request that brings an answer."""
    said = asked.get("answer")
    seconds = asked.get("seconds", 1)
    if not isinstance(said, dict) or not isinstance(seconds, int | float):
        raise ValidationError("answer must be an object, and seconds a number.")
    left = engine.part(Portal).answer(
        _text(asked, "task"), _text(asked, "worker"), said, max(0.0, float(seconds))
    )
    return {"left": left}


def truth(engine: Engine, asked: Members) -> Members:
    """Answer the control request that tells the crowd what is true."""
    crowd = engine.crowd
    if not set(asked) <= {"truth", "crowd"}:
        raise ValidationError("labelling/truth takes truth and crowd.")
    try:
        if "crowd" in asked:
            crowd.reseed(**asked["crowd"])
        crowd.tell(asked.get("truth", {}))
    except (TypeError, AttributeError) as error:
        raise ValidationError(f"labelling/truth: {error}.") from error
    return {"known": crowd.known, "workers": len(crowd.workers)}


def _text(asked: Members, name: str) -> str:
    found = asked.get(name)
    if not isinstance(found, str):
        raise ValidationError(f"{name} must be a string; found {found!r}.")
    return found
