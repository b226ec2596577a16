"""Why a run failed, in the words of AWS Glue's ErrorMessage."""

from typing import Any

_MOST = 2000
_CAUSES = {
    "memory": "Command Failed due to Out of Memory",
    "disk": "No space left on device",
    "log": "The local endpoint keeps 16 MiB of a run's log; the run wrote more.",
    "lost": "Internal service exception: the run's processes were killed.",
}
# The first word that the error holds decides its category.
_CATEGORIES = (
    ("AccessDenied", "PERMISSION_ERROR"),
    ("Access Denied", "PERMISSION_ERROR"),
    ("not authorized to perform", "PERMISSION_ERROR"),
    ("GlueArgumentError", "INVALID_ARGUMENT_ERROR"),
    ("ModuleNotFoundError", "IMPORT_ERROR"),
    ("ImportError", "IMPORT_ERROR"),
    ("AnalysisException", "QUERY_ERROR"),
    ("ParseException", "QUERY_ERROR"),
    ("SyntaxError", "SYNTAX_ERROR"),
    ("EntityNotFoundException", "RESOURCE_NOT_FOUND_ERROR"),
    ("NoSuchBucket", "RESOURCE_NOT_FOUND_ERROR"),
    ("OutOfMemoryError", "OUT_OF_MEMORY_ERROR"),
)


def reason(
    cause: str, code: int | None, told: dict[str, Any] | None, shell: bool
) -> str:
    """Return the ErrorMessage of a run.

    Args:
        cause: Why its process ended.
        code: Its exit code.
        told: Type, message and line of the script's error, if that ended it.
        shell: Whether it is a Python shell job.
    """
    if cause in _CAUSES:
        return _CAUSES[cause]
    if shell or told is None:
        return f"Command failed with exit code {code}"
    text = f"{told['type']}: {told['message']}"
    found = (name for word, name in _CATEGORIES if word in text)
    category = next(found, "UNCLASSIFIED_ERROR")
    line = f"Failed Line Number: {told['line']}; " if told["line"] else ""
    if told["type"] in ("Py4JJavaError", "Py4JError"):
        text = _java(told["message"])
    return f"Error Category: {category}; {line}{text}"[:_MOST]


def _java(message: str) -> str:
    """Return what failed and why: the first line, and the first cause in Java."""
    lines = message.splitlines()
    causes = [line.strip() for line in lines if line.startswith((": ", "Caused by: "))]
    told = [line.removeprefix(": ").removeprefix("Caused by: ") for line in causes]
    return " ".join([lines[0], *told[:1], *told[-1:]] if len(told) > 1 else lines[:2])
