"""Who may speak to the endpoint: only programs that hold this run's keys.

The endpoint runs code and holds data, so it is as careful as an account on AWS. A web
page cannot reach it (`Origin` and foreign `Host` are refused, so a rebound name fails
too), another user of the machine cannot (every request is signed with keys that stand
in a file that only its owner reads), and moto's own control pages are closed.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from localaws.clock import real_now
from localaws.errors import Refused
from localaws.wire import Request

CONTROL = "/_localaws/"
EXAMINER_KEY = "AKIALOCALAWSEXAMINER"
_SKEW = dt.timedelta(minutes=15)
_SIGNATURE = re.compile(r"Signature=([0-9a-f]{64})")
_SCOPE = r"[^/,\s]+/\d{8}/[a-z0-9-]+/[a-z0-9-]+/aws4_request"
# The simulator looks for the service in a signature too: it must find the same one.
_ALGORITHM = "AWS4-HMAC-SHA256"
_SIGNED = re.compile(
    rf"{_ALGORITHM} Credential={_SCOPE}, ?SignedHeaders=[^,\s]+, ?"
    r"Signature=[0-9a-f]{64}"
)
# Where the simulator has pages of its own, whatever the service
_PAGES = (
    *("/moto-api", "/favicon.ico", "/latest/meta-data/", "/latest/api/"),
    "/v20180820/",
)


@dataclass(frozen=True)
class Credential:
    """What the endpoint knows of an access key."""

    secret_key: str
    session_token: str | None = None
    trusted: bool = False


@dataclass(frozen=True)
class Keys:
    """This run's secrets.

    Attributes:
        access_key: Access key id of the learner.
        secret_key: Its secret.
        token: Opens the control API.
        examiner: Of `EXAMINER_KEY`, with which a grader does what the learner may. It
            is nobody's in IAM: no change of the learner's takes it away.
    """

    access_key: str
    secret_key: str
    token: str
    examiner: Credential | None = None

    def learner(self, access_key: str) -> bool:
        """Whether a key is the learner's, or that of who acts as the learner."""
        return access_key in (self.access_key, EXAMINER_KEY)


class Guard:
    """Admits or refuses a request.

    Args:
        port: The endpoint's own port, which `Host` must name.
        token: Opens the control API.
        lookup: Finds the credential of an access key id.
    """

    def __init__(
        self, port: int, token: str, lookup: Callable[[str], Credential | None]
    ) -> None:
        self._hosts = {f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]")}
        self._token = token
        self._lookup = lookup

    def admit(self, request: Request) -> None:
        """Return if the request may pass, or raise `Refused`."""
        headers = request.headers
        if headers.get("host") not in self._hosts:
            raise Refused(
                "AccessDenied",
                f"Host {headers.get('host')!r} is not this endpoint; "
                "call it by its loopback address.",
            )
        if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
            raise Refused("AccessDenied", "Requests from web pages are refused.")
        place = unquote(request.path).lower().lstrip("/")
        if request.path.startswith(CONTROL):
            given = headers.get("x-localaws-token", "")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                raise Refused("AccessDenied", "The control API wants this run's token.")
        elif not request.path.startswith("/") or f"/{place}".startswith(_PAGES):
            raise Refused("AccessDenied", "The simulator's control pages are closed.")
        else:
            self._verify(request)

    def _verify(self, request: Request) -> None:
        if request.scope is None:
            raise Refused(
                "MissingAuthenticationToken",
                "The request is not signed; the endpoint wants AWS Signature "
                "Version 4 with this run's keys.",
            )
        key = request.scope[0]
        credential = self._lookup(key)
        if credential is None:
            raise Refused(
                "InvalidClientTokenId",
                f"Access key {key} is unknown to this run of the endpoint; "
                "call cloud.start() to use its keys.",
            )
        signed = _Signed(request)
        if not credential.trusted:
            signed.check_age()
        token = signed.value("x-amz-security-token")
        if credential.session_token and token != credential.session_token:
            raise Refused("InvalidClientTokenId", f"Wrong session token for {key}.")
        if not hmac.compare_digest(
            signed.signature, signed.expected(credential.secret_key)
        ):
            raise Refused(
                "SignatureDoesNotMatch",
                f"The signature made with access key {key} does not match the request.",
            )
        if "authorization" not in request.headers:
            # else the simulator guesses the service, by the path or the body
            scope = f"{key}/20130101/{'/'.join(request.scope[1:])}/aws4_request"
            request.environ["HTTP_AUTHORIZATION"] = f"{_ALGORITHM} Credential={scope}"


class _Signed:
    """The signed parts of a request, from its header or its presigned query."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._query = dict(parse_qsl(request.query, keep_blank_values=True))
        self._presigned = "authorization" not in request.headers
        if self._presigned:
            self.signature = self._query.get("X-Amz-Signature", "")
            whole = re.fullmatch(_SCOPE, self._query.get("X-Amz-Credential", ""))
        else:
            whole = _SIGNED.fullmatch(request.headers["authorization"])
            found = _SIGNATURE.search(request.headers["authorization"])
            self.signature = found[1] if found else ""
        self._names = request.signed_headers
        if "host" not in self._names or len(self.signature) != 64 or not whole:
            raise Refused("IncompleteSignature", "The signature is not complete.")

    def value(self, name: str) -> str | None:
        """Return a signing value, from a header or from the query."""
        if self._presigned:
            return {k.lower(): v for k, v in self._query.items()}.get(name)
        return self._request.headers.get(name)

    @property
    def _date(self) -> str:
        return self.value("x-amz-date") or ""

    def check_age(self) -> None:
        """Refuse a signature that is too old, or from the future."""
        try:
            made = dt.datetime.strptime(self._date, "%Y%m%dT%H%M%SZ")
            life = dt.timedelta(seconds=int(self.value("x-amz-expires") or 0))
        except ValueError as error:
            raise Refused("IncompleteSignature", f"X-Amz-Date: {error}") from error
        limit = life if self._presigned else _SKEW
        made = made.replace(tzinfo=dt.UTC)
        # Roles sign inside this process too, where the endpoint's clock rules.
        now = (real_now(), dt.datetime.now(dt.UTC))
        if not any(-_SKEW <= moment - made <= limit for moment in now):
            raise Refused(
                "RequestExpired", f"Signed at {self._date}, which is not now."
            )

    def expected(self, secret_key: str) -> str:
        """Return the signature that the right key gives."""
        scope = self._request.scope
        assert scope is not None
        _, region, service = scope
        day = self._date[:8]
        key = f"AWS4{secret_key}".encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = "\n".join(
            (
                "AWS4-HMAC-SHA256",
                self._date,
                f"{day}/{region}/{service}/aws4_request",
                hashlib.sha256(self._canonical().encode()).hexdigest(),
            )
        )
        return hmac.digest(key, text.encode(), "sha256").hex()

    def _canonical(self) -> str:
        request = self._request
        path = request.path
        if request.service != "s3":
            path = quote(path, safe="/~")
        pairs = sorted(
            pair.partition("=")[::2]
            for pair in request.query.split("&")
            if pair and not pair.startswith("X-Amz-Signature=")
        )
        headers = "".join(
            f"{name}:{' '.join(request.header(name).split())}\n" for name in self._names
        )
        return "\n".join(
            (
                request.method,
                path,
                "&".join(f"{name}={value}" for name, value in pairs),
                headers,
                ";".join(self._names),
                self._payload_hash(),
            )
        )

    def _payload_hash(self) -> str:
        request = self._request
        declared = self._request.headers.get("x-amz-content-sha256")
        if request.service == "s3":
            if self._presigned:
                return declared or "UNSIGNED-PAYLOAD"
            if declared and not re.fullmatch("[0-9a-f]{64}", declared):
                return declared
        actual = hashlib.sha256(request.body).hexdigest()
        if declared and declared != actual:
            raise Refused(
                "XAmzContentSHA256Mismatch",
                "The body is not the one that was signed.",
                400,
            )
        return actual
