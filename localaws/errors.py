"""The endpoint's errors: each has AWS's code, a message and an HTTP status.

AwsError
├── ValidationError      400 ValidationException
├── NotFound             400 ResourceNotFound
├── Refused              403 the guard lets nothing through
├── NoSpace              507 InsufficientStorage
└── NotImplementedHere   501 NotImplementedInLocalEndpoint
"""

import contextlib
import errno
from collections.abc import Iterator

from localaws.jobs.errors import JobError

_CODE = "InsufficientStorage"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class AwsError(Exception):
    """An error that reaches the caller in AWS's shape.

    Args:
        code: AWS's error code, such as `ResourceInUse`.
        message: What was asked, what was found.
        status: HTTP status of the answer.
        members: What else the error's shape holds.
    """

    def __init__(
        self, code: str, message: str, status: int = 400, **members: object
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


class ValidationError(AwsError):
    """The input breaks a constraint of the operation."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class NotFound(AwsError):
    """The named resource does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFound", message)


class Refused(AwsError):
    """The guard refuses the request before any service sees it."""

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(code, message, status)


class NoSpace(AwsError):
    """The endpoint's folder is on a disk that is full."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            _CODE,
            f"The local endpoint cannot write to its folder: {error.strerror}. "
            "Nothing was changed; free some space and try again.",
            507,
        )


def no_space(error: Exception) -> bool:
    """Whether an error says that the disk is full, also as a client of AWS hears it."""
    told = getattr(error, "response", {})
    return (
        isinstance(error, NoSpace)
        or (isinstance(error, OSError) and error.errno in _FULL)
        or told.get("Error", {}).get("Code") == _CODE
    )


@contextlib.contextmanager
def unless_full() -> Iterator[None]:
    """Leave undone what a full disk does not let be done: reading goes on."""
    try:
        yield
    except Exception as error:
        if not no_space(error):
            raise


def internal(error: Exception) -> AwsError:
    """Return what a caller is told of an error that is not AWS's."""
    if isinstance(error, OSError) and no_space(error):
        return NoSpace(error)
    if isinstance(error, JobError):
        return AwsError("InternalFailure", f"The endpoint failed: {error}.", 500)
    return AwsError("InternalFailure", "The endpoint failed; see daemon.log.", 500)


class NotImplementedHere(AwsError):
    """The operation, or a member of its input, has no effect here.

    Args:
        subject: Operation or member, such as `sagemaker:CreateDomain`.
        on_aws: What it would do on AWS, as the end of a sentence.
    """

    def __init__(self, subject: str, on_aws: str) -> None:
        super().__init__(
            "NotImplementedInLocalEndpoint",
            f"{subject} does not act in the local endpoint. On AWS it "
            f"{on_aws.rstrip('.')}. Nothing was changed.",
            501,
        )
