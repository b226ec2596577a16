"""On whose behalf a service acts, and what that user or role may do.

The endpoint does not yet hold every call against IAM. A crawler's role, and a role or
user other than the learner's that runs a query, are held against it here: a policy
that misses the bucket is a cause of failure that has to be found.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from localaws import compat
from localaws.loopback import ENGINE_KEY, Loopback, Session
from localaws.services import iam

_ACCOUNT = "123456789012"
_LIFE = 3600


@dataclass(frozen=True)
class Caller:
    """Who asked for something.

    Attributes:
        aws: Clients of this endpoint.
        arn: The user or role; None for the learner, who may do everything.
        session: Its credentials, if it is a role.
    """

    aws: Loopback
    arn: str | None = None
    session: Session | None = None

    def client(self, service: str) -> Any:
        """Return a client that acts on behalf of the caller."""
        return self.aws.client(service, self.session)

    def signed(self, bucket: str, key: str) -> str:
        """Return an address at which the caller's rights read an object for an hour."""
        given = self.session
        keys = (
            Credentials(given.access_key, given.secret_key, given.token)
            if given
            else Credentials(ENGINE_KEY, self.aws.credential.secret_key)
        )
        request = AWSRequest("GET", f"{self.aws.url}/{bucket}/{quote(key, safe='/~')}")
        S3SigV4QueryAuth(keys, "s3", self.aws.region, expires=_LIFE).add_auth(request)
        return str(request.url)

    def may(self, action: str, resource: str) -> bool:
        """Return whether the caller's policies allow an action."""
        if self.arn is None:
            return True
        if not resource.startswith("arn:"):
            account = self.arn.split(":")[4]
            service, region = action.partition(":")[0], self.aws.region
            resource = f"arn:aws:{service}:{region}:{account}:{resource}"
        return iam.decision(self.aws, self.arn, action, resource) == "allowed"

    def demand(self, action: str, resource: str) -> None:
        """Raise AWS's AccessDenied unless the caller may do something."""
        if self.may(action, resource):
            return
        raise ClientError(
            {
                "Error": {
                    "Code": "AccessDenied",
                    "Message": f"User: {self.arn} is not authorized to perform: "
                    f"{action} on resource: {resource} because no identity-based "
                    f"policy allows the {action} action",
                },
                "ResponseMetadata": {"HTTPStatusCode": 403},
            },
            action.partition(":")[2],
        )


def caller(aws: Loopback, access_key: str) -> Caller:
    """Return who signed a request.

    Args:
        aws: Clients of this endpoint.
        access_key: As the signature names it.
    """
    if access_key == ENGINE_KEY:
        return Caller(aws)
    arn = compat.principal(_ACCOUNT, access_key)
    if arn is None or arn.endswith(f":user/{compat.LEARNER}"):
        return Caller(aws)
    found = compat.credential(_ACCOUNT, access_key)
    if found is None or found.session_token is None:
        return Caller(aws, arn)
    session = Session(access_key, found.secret_key, found.session_token)
    return Caller(aws, arn, session)
