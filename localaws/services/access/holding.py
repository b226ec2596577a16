"""The gate of every call: who may not make it is told so, then where it cannot act."""

from localaws.errors import NotImplementedHere
from localaws.services import rights
from localaws.services.access import others, s3_holding
from localaws.services.context import Context
from localaws.wire import Request

# These know regions, or have none.
_EVERYWHERE = ("s3", "kms", "iam", "sts")


def hold(context: Context, request: Request, operation: str) -> None:
    """Refuse a call that its caller may not make.

    Raises:
        AwsError: The caller may not.
        NotImplementedHere: The call goes to a region in which the service is not.
    """
    if request.service == "s3":
        s3_holding.hold(context, request, operation)
    elif rights.known(request.service, operation):
        rights.hold(context, request, operation)
    else:
        others.hold(context, request, operation)
    assert request.scope is not None
    region = request.scope[1]
    if region != context.aws.region and request.service not in _EVERYWHERE:
        raise NotImplementedHere(
            f"{request.service} in {region}",
            "has resources of its own in each region",
        )
