"""S3's calls, held against the caller's policies and the bucket's."""

from collections.abc import Iterable

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, s3_backends

from localaws import policies
from localaws.errors import AwsError
from localaws.loopback import ENGINE_KEY
from localaws.policies import Decision, Policy, Question
from localaws.services.access import who
from localaws.services.access.keys import Keys, conditions
from localaws.services.access.refusals import denied
from localaws.services.access.s3_context import find, of_object, of_request
from localaws.services.access.s3_demands import Demand, demands, source_of
from localaws.services.access.who import ACCOUNT, Asker
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of
from localaws.wire import Request

# moto reads a policy without its conditions and principals; it is decided here.
FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL


def bucket_policy(bucket: str) -> Policy | None:
    """Return the policy of a bucket, or None."""
    found = s3_backends[ACCOUNT]["aws"].buckets.get(bucket)
    if found is None or not found.policy:
        return None
    return policies.parse(found.policy, "resource")


def hold(context: Context, request: Request, operation: str) -> None:
    """Refuse a call that its caller may not make.

    `DeleteObjects` is not held: it says of each key by itself what became of it.

    Raises:
        AwsError: The caller may not.
    """
    if operation == "DeleteObjects":
        return
    asker = held(request)
    if asker is None:
        return
    for demand in demands(request, operation):
        refused = refusal(context, request, operation, asker, demand)
        if refused:
            raise refused


def held(request: Request) -> Asker | None:
    """Return who is to be held; None for one who may do everything."""
    assert request.scope is not None
    key = request.scope[0]
    if key == ENGINE_KEY:
        return None
    if who.free(key) and not any(map(bucket_policy, _buckets(request))):
        return None
    return who.of_key(key)


def refusal(
    context: Context, request: Request, operation: str, asker: Asker, demand: Demand
) -> AwsError | None:
    """Return why a caller may not have one thing, or None."""
    keys = conditions(context, request, asker)
    keys |= of_request(request, operation, demand.bucket)
    asked = [demand]
    if demand.reads and find(demand) is None:
        # who may not list a bucket is not told what is missing from it
        asked.append(Demand("ListBucket", demand.bucket))
    for one in asked:
        question, decision = decided(asker, one, keys)
        if not decision.allowed:
            return denied("s3", asker, question, decision)
    return None


def decided(asker: Asker, demand: Demand, keys: Keys) -> tuple[Question, Decision]:
    """Return one question about S3 and its answer."""
    question = Question(
        f"s3:{demand.action}", demand.resource, keys | of_object(demand)
    )
    return question, policies.decide(
        question,
        asker.principal,
        asker.identity,
        bucket_policy(demand.bucket),
        asker.boundary,
        asker.session,
    )


def _buckets(request: Request) -> Iterable[str]:
    source = source_of(request)
    return (bucket_of(request), *([source.bucket] if source else []))
