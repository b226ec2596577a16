"""AWS's host names, and the address at the endpoint that stands for each.

What only the host tells is marked in the query, which is signed: a request for S3's
accelerated host, for Mechanical Turk's sandbox, or for any host by plain http.
"""

import re
from urllib.parse import urlsplit, urlunsplit

ACCELERATED = "x-localaws-accelerate"
PLAIN = "x-localaws-plain"
SANDBOX = "x-localaws-sandbox"
_SANDBOX_HOST = "mturk-requester-sandbox."
_AWS_HOST = re.compile(r"\.(amazonaws\.(com(\.cn)?|eu)|api\.aws|on\.aws)$")
_BUCKET_HOST = re.compile(
    r"^(?P<bucket>.+)\.s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com$"
)


def turned(address: str, netloc: str) -> str:
    """Return where a request goes: one for an AWS host to the endpoint.

    Args:
        address: Of the request.
        netloc: Host and port of the endpoint.
    """
    url = urlsplit(address)
    host = url.hostname or ""
    if not _AWS_HOST.search(host):
        return address
    virtual, query = _BUCKET_HOST.match(host), url.query
    path = f"/{virtual['bucket']}{url.path}" if virtual else url.path
    if virtual and ".s3-accelerate." in host:
        query = "&".join(filter(None, [query, f"{ACCELERATED}=true"]))
    if url.scheme == "http":
        query = "&".join(filter(None, [query, f"{PLAIN}=true"]))
    if host.startswith(_SANDBOX_HOST):
        query = f"{SANDBOX}=true"
    return urlunsplit(("http", netloc, path, query, ""))
