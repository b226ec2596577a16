"""The condition keys that every request has."""

from localaws.hosts import PLAIN
from localaws.services.access.who import ACCOUNT, Asker
from localaws.services.context import Context
from localaws.services.s3_address import option
from localaws.wire import Request

Keys = dict[str, tuple[str, ...]]


def conditions(context: Context, request: Request, asker: Asker) -> Keys:
    """Return the values of the global condition keys.

    Args:
        context: Whose clock is asked.
        request: As it was sent.
        asker: Who sent it.
    """
    return asker.context | of_request(context, request)


def of_request(context: Context, request: Request) -> Keys:
    """Return the values of the global condition keys that do not tell who asks.

    Args:
        context: Whose clock is asked.
        request: As it was sent.
    """
    now = context.clock.now()
    assert request.scope is not None
    told = {
        "aws:securetransport": str(not option(request, PLAIN)).lower(),
        "aws:sourceip": str(request.environ.get("REMOTE_ADDR") or "127.0.0.1"),
        "aws:currenttime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:requestedregion": request.scope[1],
        "aws:resourceaccount": ACCOUNT,
        "aws:viaawsservice": "false",
        "aws:useragent": request.header("user-agent"),
        "aws:referer": request.header("referer"),
    }
    return {key: (text,) for key, text in told.items() if text}


def in_service(region: str) -> Keys:
    """Return the condition keys of what a service does for somebody.

    Args:
        region: Where it does it.
    """
    return {
        "aws:securetransport": ("true",),
        "aws:requestedregion": (region,),
        "aws:viaawsservice": ("true",),
        "aws:resourceaccount": (ACCOUNT,),
    }
