"""What calls demand of their callers' policies, where `demands` knows it exactly."""

from localaws import policies
from localaws.policies import Question
from localaws.services.access import who
from localaws.services.access.keys import conditions, in_service
from localaws.services.access.refusals import denied
from localaws.services.context import Context
from localaws.services.rights.demands import KNOWN
from localaws.wire import Request


def known(service: str, operation: str) -> bool:
    """Whether it is known what an operation demands."""
    return service in KNOWN and operation in KNOWN[service][0]


def hold(context: Context, request: Request, operation: str) -> None:
    """Refuse a call that its caller may not make.

    Raises:
        AwsError: The caller may not.
    """
    assert request.scope is not None
    key = request.scope[0]
    asker = None if who.free(key) else who.of_key(key)
    if asker is None:
        return
    keys = conditions(context, request, asker)
    demands = KNOWN[request.service][1]
    for action, resource in demands(context, request, operation):
        _demand(asker, Question(action, resource, keys))


class Rights:
    """What the sessions of runs and functions under way may do.

    Args:
        context: Where policies are.
    """

    def __init__(self, context: Context) -> None:
        self._region = context.aws.region

    def demand(self, key: str, action: str, resource: str) -> None:
        """Raise AWS's error unless the session of an access key may do something."""
        asker = who.of_key(key)
        if asker is not None:
            keys = asker.context | in_service(self._region)
            _demand(asker, Question(action, resource, keys))


def _demand(asker: who.Asker, question: Question) -> None:
    decision = policies.decide(
        question, asker.principal, asker.identity, None, asker.boundary, asker.session
    )
    if not decision.allowed:
        raise denied(question.action.partition(":")[0], asker, question, decision)
