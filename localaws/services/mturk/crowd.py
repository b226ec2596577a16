"""The seeded workers of the endpoint as Mechanical Turk's: who they are, what they say.

A worker answers what has a known truth. It is looked up by content: of the image in S3
that a question shows, or of a text between two tags, the nearest to the question first.
"""

from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from localaws.hosts import turned
from localaws.labelling.crowd import Crowd
from localaws.labelling.pool import Worker
from localaws.services.context import Context
from localaws.services.mturk.answers import document
from localaws.services.mturk.desk import Desk
from localaws.services.mturk.pages import Ask
from localaws.services.mturk.questions import Question, parse

Truth = dict[str, list[str]]
_HERE = ("127.0.0.1", "localhost")


def worker(desk: Desk, name: str) -> Worker:
    """Return a worker of the pool.

    Raises:
        AwsError: There is none of this id.
    """
    for one in desk.context.part(Crowd).workers:
        if one.worker_id == name:
            return one
    raise desk.error("WorkerDoesNotExist", f"Worker {name} does not exist.")


def truths(context: Context, text: str) -> Truth | None:
    """Return what is true of each thing that a Question asks, None if it is not known.

    A Question that asks nothing of which the truth could be known is nobody's either.
    """
    question = parse(text)
    asks = [ask for ask in question.page.asks if ask.options]
    if not asks or not question.style:
        return None
    found: Truth = {}
    for ask in asks:
        known = _truth(context, question, ask)
        if known is None:
            return None
        found[ask.name] = known
    return found


def _truth(context: Context, question: Question, ask: Ask) -> list[str] | None:
    crowd = context.part(Crowd)
    for shown in question.page.about(ask):
        known = crowd.truth(_content(context, shown))
        if known is None:
            continue
        several = known if isinstance(known, list) else [known]
        named = [ask.words.get(one, one) for one in several]
        if set(named) <= set(ask.options) and (ask.several or len(named) == 1):
            return named
    return None


def _content(context: Context, shown: str) -> bytes | str:
    """Return what a person would look at: an S3 object's bytes, or the text."""
    try:
        address = urlsplit(shown)
    except ValueError:
        return shown
    place = f"/{address.netloc}{address.path}" if address.scheme == "s3" else None
    if address.scheme in ("http", "https"):
        here = urlsplit(turned(shown, _HERE[0]))
        place = here.path if here.hostname in _HERE else None
    bucket, _, key = unquote(place or "").lstrip("/").partition("/")
    if not key:
        return shown
    client: Any = context.aws.client("s3")
    try:
        return bytes(client.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError:
        return shown


def answer(one: Worker, task: str, text: str, truth: Truth) -> str:
    """Return what a worker submits.

    Args:
        one: The worker.
        task: The HIT.
        text: Its Question.
        truth: What is true of it.
    """
    question = parse(text)
    chosen = {}
    for ask in question.page.asks:
        if not ask.options:
            continue
        place, true = f"{task} {ask.name}", truth[ask.name]
        if ask.several:
            chosen[ask.name] = one.labels(place, true, ask.options)
        else:
            chosen[ask.name] = [one.label(place, true[0], ask.options)]
    return document(question, chosen)
