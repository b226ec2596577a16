"""How another service has a function invoked."""

import logging

from localaws.errors import AwsError
from localaws.services import deliveries
from localaws.services.context import Context
from localaws.services.lambda_ import asynchronous, permissions
from localaws.services.lambda_.errors import missing
from localaws.services.lambda_.invocations import qualified
from localaws.services.lambda_.names import split
from localaws.services.lambda_.state import state_of

log = logging.getLogger(__name__)


def listen(context: Context) -> None:
    """Invoke functions for what S3's notifications and EventBridge's rules send."""

    def hear(arn: str, principal: str, source: str, event: str) -> None:
        if context.journal.silent:
            return
        try:
            deliver(context, arn, event.encode(), principal, source)
        except AwsError as error:
            log.warning("%s to %s: %s", source, arn, error)

    deliveries.listen("lambda", hear)


def check(context: Context, arn: str, principal: str, source_arn: str) -> None:
    """Refuse a function that a service could not invoke.

    Args:
        context: What it acts with.
        arn: The function, version or alias.
        principal: The service, such as `s3.amazonaws.com`.
        source_arn: The bucket, rule or topic for which it acts.

    Raises:
        AwsError: ResourceNotFoundException or AccessDeniedException.
    """
    state = state_of(context)
    name, qualifier = split(arn)
    function = state.find("function", name)
    if function is None or not qualified(function, qualifier):
        raise missing(f"Function not found: {arn}")
    permissions.check(state, function, qualifier, principal, source_arn)


def deliver(
    context: Context, arn: str, event: bytes, principal: str, source_arn: str
) -> str:
    """Queue an event for a function, if the service may invoke it.

    Args:
        context: What it acts with.
        arn: The function, version or alias.
        event: JSON.
        principal: The service, such as `s3.amazonaws.com`.
        source_arn: The bucket, rule or topic for which it acts.

    Returns:
        The id of the request.

    Raises:
        AwsError: ResourceNotFoundException or AccessDeniedException.
    """
    check(context, arn, principal, source_arn)
    name, qualifier = split(arn)
    function = state_of(context).function(name)
    return asynchronous.accept(context, function, qualifier, event)
