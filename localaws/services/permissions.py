"""On whose behalf a service acts, and what that user or role may do.

What a service does for somebody is asked here before it is done; what it then does with
a role's session is held like every call.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from localaws.loopback import ENGINE_KEY, Loopback, Session
from localaws.policies import Decision, Question
from localaws.services import iam
from localaws.services.access import denied, who

_LIFE = 3600


@dataclass(frozen=True)
class Caller:
    """Who asked for something.

    Attributes:
        aws: Clients of this endpoint.
        arn: The user or role; None for the learner, who may do everything.
        session: Its credentials, if it is a role.
        asker: Whose policies decide; those of `arn`, if it is None.
    """

    aws: Loopback
    arn: str | None = None
    session: Session | None = None
    asker: who.Asker | None = None

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
        """Return whether the caller's policies, and a bucket's, allow an action."""
        found = self._decided(action, resource)
        return found is None or found[2].allowed

    def demand(self, action: str, resource: str) -> None:
        """Raise AWS's AccessDenied unless the caller may do something."""
        found = self._decided(action, resource)
        if found is None or found[2].allowed:
            return
        error = denied("s3", *found)
        raise ClientError(
            {
                "Error": {"Code": error.code, "Message": error.message},
                "ResponseMetadata": {"HTTPStatusCode": 403},
            },
            action.partition(":")[2],
        )

    def _decided(
        self, action: str, resource: str
    ) -> tuple[who.Asker, Question, Decision] | None:
        """Return what is decided; None for the endpoint itself."""
        asker = self.asker or (who.entity(self.arn) if self.arn else None)
        if asker is None:
            return None
        if not resource.startswith("arn:"):
            service, region = action.partition(":")[0], self.aws.region
            resource = f"arn:aws:{service}:{region}:{who.ACCOUNT}:{resource}"
        decision = iam.decided(self.aws, asker, action, resource)
        return asker, Question(action, resource), decision


def caller(aws: Loopback, access_key: str) -> Caller:
    """Return who signed a request.

    Args:
        aws: Clients of this endpoint.
        access_key: As the signature names it.
    """
    asker = who.of_key(access_key)
    if asker is None or asker.learner:
        return Caller(aws, asker=asker)
    return Caller(aws, asker.principal.arn, who.session(access_key), asker)
