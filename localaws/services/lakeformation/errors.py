"""Lake Formation's errors."""

from localaws.errors import AwsError


def invalid(message: str) -> AwsError:
    """Return the error of an input that cannot be meant."""
    return AwsError("InvalidInputException", message)


def absent(message: str) -> AwsError:
    """Return the error of what does not exist."""
    return AwsError("EntityNotFoundException", message)


def taken(message: str) -> AwsError:
    """Return the error of what exists already."""
    return AwsError("AlreadyExistsException", message)


def denied(message: str = "") -> AwsError:
    """Return the error of what the caller may not do."""
    text = (
        "Resource does not exist or requester is not authorized to access requested "
        "permissions."
    )
    return AwsError("AccessDeniedException", message or text)


def insufficient(permission: str, name: str) -> AwsError:
    """Return what the catalog says to who lacks a permission of Lake Formation.

    Args:
        permission: What is missing, such as `DESCRIBE`.
        name: Of the database or table, or `Catalog`.
    """
    shown = permission.replace("_", " ").title()
    return denied(
        f"Insufficient Lake Formation permission(s): Required {shown} on {name}"
    )
