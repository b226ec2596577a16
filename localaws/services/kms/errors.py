"""AWS KMS: the errors that several operations have in common."""

from localaws.errors import AwsError


def not_found(message: str) -> AwsError:
    """Return the error of a key, an alias or a grant that is not there."""
    return AwsError("NotFoundException", message)


def invalid(message: str) -> AwsError:
    """Return the error of an input that breaks a rule of the operation."""
    return AwsError("ValidationException", message)


def wrong_state(message: str) -> AwsError:
    """Return the error of a key whose state does not allow an operation."""
    return AwsError("KMSInvalidStateException", message)


def wrong_usage(arn: str, usage: str, operation: str) -> AwsError:
    """Return the error of a key that is made for something else."""
    return AwsError(
        "InvalidKeyUsageException",
        f"{arn} key usage is {usage} which is not valid for {operation}.",
    )


def unsupported(message: str = "") -> AwsError:
    """Return the error of an operation that a kind of key does not know."""
    return AwsError("UnsupportedOperationException", message)


def unreadable() -> AwsError:
    """Return the error of a ciphertext that is no ciphertext of its key and context.

    AWS says nothing more, so that nobody learns from it.
    """
    return AwsError("InvalidCiphertextException", "")


def unknown_ciphertext() -> AwsError:
    """Return the error of a ciphertext whose key is not there, or not the caller's."""
    return AwsError(
        "AccessDeniedException",
        "The ciphertext refers to a customer master key that does not exist, does not "
        "exist in this region, or you are not allowed to access.",
    )
