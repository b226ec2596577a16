"""Worker task templates: HTML with Liquid, rendered for one task.

https://docs.aws.amazon.com/sagemaker/latest/dg/sms-custom-templates-step2.html
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws.errors import ValidationError
from localaws.loopback import Loopback, Session
from localaws.sagemaker.transfer import TransferError, split

Presign = Callable[[str], str]
_SECONDS = 3600


class BadTemplate(ValidationError):
    """A template that cannot be read or rendered."""


def render(text: str, task_input: Any, presign: Presign) -> str:
    """Return the page that a worker sees.

    Args:
        text: The template.
        task_input: What `task.input` is in it.
        presign: As `presigner` returns it.

    Raises:
        BadTemplate: It is not Liquid, or asks for a filter that there is not.
    """
    # liquid takes a tenth of a second that most endpoints do not need
    from liquid import Environment, Markup
    from liquid.exceptions import LiquidError

    environment = Environment(autoescape=True)
    # a template must not hold up the endpoint
    environment.loop_iteration_limit = 100_000
    environment.output_stream_limit = 10_000_000
    environment.filters |= {
        "grant_read_access": presign,
        "s3_presign": presign,
        "to_json": json.dumps,
        "skip_autoescape": Markup,
    }
    try:
        return environment.from_string(text).render(task={"input": task_input})
    except LiquidError as error:
        raise BadTemplate(f"Liquid error: {error.args[0]}.") from error


def presigner(aws: Loopback, session: Session) -> Presign:
    """Return what makes a URL that a browser can read from one of Amazon S3.

    Args:
        aws: Where Amazon S3 is.
        session: The credentials that the URL is signed with.
    """
    keys = Credentials(session.access_key, session.secret_key, session.token)
    signer = S3SigV4QueryAuth(keys, "s3", aws.region, expires=_SECONDS)

    def presign(uri: str) -> str:
        try:
            bucket, key = split(uri)
        except TransferError:
            return uri
        request = AWSRequest("GET", f"{aws.url}/{bucket}/{quote(key)}")
        signer.add_auth(request)
        return str(request.url)

    return presign


def check(text: str) -> None:
    """Raise `BadTemplate` unless a template is one of Liquid."""
    from liquid import Environment
    from liquid.exceptions import LiquidError

    try:
        Environment().from_string(text)
    except LiquidError as error:
        raise BadTemplate(f"Liquid error: {error.args[0]}.") from error
