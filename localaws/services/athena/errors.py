"""Athena's refusals of an input."""

from localaws.errors import AwsError


def invalid(message: str, code: str = "INVALID_INPUT") -> AwsError:
    """Return Athena's error of an input that it does not take."""
    return AwsError("InvalidRequestException", message, AthenaErrorCode=code)
