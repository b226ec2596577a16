"""S3's bucket policies: what is one, and when it is refused."""

from moto.s3.models import s3_backends
from moto.s3.utils import bucket_policy_is_public

from localaws import policies
from localaws.errors import AwsError
from localaws.limits import limit
from localaws.policies import PolicyError
from localaws.policies.document import Statement
from localaws.policies.patterns import like
from localaws.services.access import who
from localaws.services.access.s3_demands import ACTIONS, OBJECTS
from localaws.services.context import Context
from localaws.services.s3_address import bucket_of
from localaws.wire import Request, Response

_ARN = "arn:aws:s3:::"
_ROOT = f"AWS arn:aws:iam::{who.ACCOUNT}:root"


def put(context: Context, request: Request) -> Response:
    """Give a bucket a policy.

    Raises:
        AwsError: It is malformed, too long, or public where none may be.
    """
    bucket, body = bucket_of(request), request.body
    found = s3_backends[who.ACCOUNT]["aws"].buckets.get(bucket)
    if found is None:
        return context.moto(request)
    if not body.startswith(b"{"):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    if len(body) > limit("s3_policy", "bucket_bytes"):
        raise AwsError("PolicyTooLarge", "Bucket policies are limited to 20 KB in size")
    try:
        policy = policies.parse(body, "resource")
        for statement in policy.statements:
            _check(statement, bucket)
    except PolicyError as error:
        raise _malformed(error.message) from error
    block = found.public_access_block
    if block and block.block_public_policy and bucket_policy_is_public(body):
        asker = who.asking(context, request)
        raise AwsError(
            "AccessDenied",
            f"User: {asker.arn if asker else ''} is not authorized to perform: "
            f's3:PutBucketPolicy on resource: "{_ARN}{bucket}" because public '
            "policies are prevented by the BlockPublicPolicy setting in S3 Block "
            "Public Access.",
            403,
        )
    return context.moto(request)


def _check(statement: Statement, bucket: str) -> None:
    """Refuse what names no such action, somebody unknown, or another bucket."""
    if not all(_action(pattern) for pattern in statement.actions):
        raise PolicyError("Policy has invalid action")
    for name in statement.principals or ():
        kind, _, arn = name.partition(" ")
        if kind == "AWS" and arn != "*" and name != _ROOT and not _known(arn):
            raise PolicyError("Invalid principal in policy")
    base = f"{_ARN}{bucket}"
    for text in statement.resources:
        if text != base and not text.startswith(f"{base}/"):
            raise PolicyError("Policy has invalid resource")
    if statement.inverted & {"Action", "Resource"}:
        return
    whole = base in statement.resources
    inside = any(text != base for text in statement.resources)
    for pattern in statement.actions:
        means = [one for one in ACTIONS if like(pattern, f"s3:{one}", folded=True)]
        if not any(inside if one in OBJECTS else whole for one in means or ["?"]):
            raise PolicyError("Action does not apply to any resource(s) in statement")


def _action(pattern: str) -> bool:
    return pattern == "*" or pattern.lower().startswith("s3:")


def _known(arn: str) -> bool:
    """Whether a principal can be one; those of other accounts are taken as they are."""
    other = arn.split(":")[4:5] != [who.ACCOUNT]
    return other or who.exists(arn)


def _malformed(said: str) -> AwsError:
    return AwsError("MalformedPolicy", said)


HANDLERS = {("s3", "PutBucketPolicy"): put}
