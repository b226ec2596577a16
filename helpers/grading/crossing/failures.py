"""Exceptions of a student's code, told in JSON and raised again in the prober.

They come back as the nearest builtin class, or as botocore's ClientError, so that the
`except` clauses of a probe hold as they do in a notebook.
"""

import builtins
import traceback
from typing import Any

JSON = dict[str, Any]
LONGEST = 2_000
STUDENT = "<student>"


class AnswerFailed(Exception):
    """An exception of a student's answer that is of no builtin class."""


class AnswerLate(AnswerFailed):
    """An answer did not return in time."""


def told(error: BaseException, late: bool = False) -> JSON:
    """Give the JSON of an exception."""
    bases = [each.__name__ for each in type(error).__mro__ if _builtin(each)]
    found: JSON = {
        "kind": str(type(error).__name__)[:100],
        "bases": bases,
        "text": _text(error)[:LONGEST],
        "where": _where(error)[:LONGEST],
        "late": late,
    }
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        code = error.response.get("Error", {})
        found["client"] = {
            "error": {str(name): str(code[name])[:LONGEST] for name in code},
            "operation": str(error.operation_name)[:100],
        }
    return found


def _builtin(kind: type) -> bool:
    return getattr(builtins, kind.__name__, None) is kind


def _text(error: BaseException) -> str:
    if type(error) is KeyError and error.args:
        return str(error.args[0])
    try:
        return str(error)
    except Exception as broken:
        return f"it cannot be printed ({type(broken).__name__})"


def _where(error: BaseException) -> str:
    """Give the lines of the student's own code through which the exception came."""
    try:
        frames = traceback.extract_tb(error.__traceback__)
    except Exception as broken:
        return f"its lines cannot be told ({type(broken).__name__})"
    own = [frame for frame in frames if "ipython-input" in frame.filename]
    return "\n".join(f"{frame.name}: {frame.line}" for frame in own[-4:])


def again(record: JSON) -> Exception:
    """Make the exception of which this was told.

    Args:
        record: comes from a box that is not trusted.
    """
    error = _made(record)
    error.told = clean(record)
    return error


def _made(record: JSON) -> Exception:
    text = str(record.get("text", ""))[:LONGEST]
    if record.get("late") is True:
        return AnswerLate(text)
    client = record.get("client")
    if isinstance(client, dict) and isinstance(client.get("error"), dict):
        from botocore.exceptions import ClientError

        return ClientError({"Error": client["error"]}, str(client.get("operation")))
    bases = record.get("bases")
    for name in bases if isinstance(bases, list) else []:
        kind = getattr(builtins, name, None) if isinstance(name, str) else None
        if isinstance(kind, type) and issubclass(kind, Exception):
            if kind in (Exception, UnicodeDecodeError, UnicodeEncodeError):
                continue
            try:
                return kind(text)
            except TypeError:
                continue
    return AnswerFailed(f"{str(record.get('kind'))[:100]}: {text}")


def clean(record: JSON) -> JSON:
    """Give what is said of an exception, in strings of a known length."""
    words = {
        name: str(record.get(name, ""))[:LONGEST] for name in ("kind", "text", "where")
    }
    return words | {"late": record.get("late") is True}
