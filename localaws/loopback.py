"""The engine's own clients: AWS as a service of the endpoint sees it.

Jobs and endpoints reach S3, IAM and the logs over the public API, with the execution
role's credentials where AWS uses the role, and with the engine's key where AWS acts
for itself. A request is answered in the thread that makes it, by the same application
that answers over HTTP.
"""

import threading
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from localaws import service_models
from localaws.guard import Credential
from localaws.inprocess import WSGI, answer

ENGINE_KEY = "AKIALOCALAWSENGINE00"
_CONFIG = Config(
    retries={"total_max_attempts": 2},
    inject_host_prefix=False,
)


@dataclass(frozen=True)
class Session:
    """Temporary credentials of an assumed role."""

    access_key: str
    secret_key: str
    token: str

    def environment(self) -> dict[str, str]:
        """Return the variables that AWS SDKs read."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


class Loopback:
    """Makes boto3 clients that speak to this endpoint.

    Args:
        application: Answers the requests.
        url: The endpoint.
        region: Where clients are.
        secret_key: Secret of `ENGINE_KEY`, made anew in each run.
    """

    def __init__(
        self, application: WSGI, url: str, region: str, secret_key: str
    ) -> None:
        self._application = application
        self.url = url
        self.region = region
        self.credential = Credential(secret_key, trusted=True)
        self._lock = threading.Lock()
        # a session of one's own makes clients ten times faster than boto3.client
        self._session = boto3.session.Session(botocore_session=service_models.session())
        self._clients: dict[str, Any] = {}

    def client(self, service: str, session: Session | None = None) -> Any:
        """Return a client, as the service itself or as an assumed role."""
        with self._lock:
            if session:
                return self._make(
                    service, session.access_key, session.secret_key, session.token
                )
            if service not in self._clients:
                self._clients[service] = self._make(
                    service, ENGINE_KEY, self.credential.secret_key
                )
            return self._clients[service]

    def _make(
        self, service: str, key: str, secret: str, token: str | None = None
    ) -> Any:
        client = self._session.client(
            service,
            region_name=self.region,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=_CONFIG,
        )
        client.meta.events.register("before-send", self._send)
        return client

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return answer(self._application, request)
