"""The errors of AWS Lambda."""

from localaws.errors import AwsError


def invalid(message: str) -> AwsError:
    """An input breaks a rule of the service."""
    return AwsError("InvalidParameterValueException", message, 400, Type="User")


def missing(message: str) -> AwsError:
    """What is named does not exist."""
    return AwsError("ResourceNotFoundException", message, 404, Type="User")


def conflict(message: str) -> AwsError:
    """What is to be made exists already, or is in use."""
    return AwsError("ResourceConflictException", message, 409, Type="User")


def outdated() -> AwsError:
    """A RevisionId is not the latest."""
    return AwsError(
        "PreconditionFailedException",
        "The RevisionId provided does not match the latest RevisionId. Call the "
        "GetFunction/GetAlias API to retrieve the latest RevisionId",
        412,
        Type="User",
    )


def throttled(reason: str) -> AwsError:
    """More would run at once than may."""
    return AwsError(
        "TooManyRequestsException", "Rate Exceeded.", 429, Reason=reason, Type="User"
    )
