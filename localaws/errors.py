"""The endpoint's errors: each has AWS's code, a message and an HTTP status.

AwsError
├── ValidationError      400 ValidationException
├── NotFound             400 ResourceNotFound
├── Refused              403 the guard lets nothing through
└── NotImplementedHere   501 NotImplementedInLocalEndpoint
"""


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
