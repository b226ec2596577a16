"""The private workforce: what the worker portal does, on the control API.

On AWS people sign in to the portal with Amazon Cognito or an OIDC provider, and there
is no public API for what they do there. Here whoever holds the run's token may ask for
the open tasks of a work team, and answer one in a worker's name.
"""

import datetime as dt
import hashlib
import uuid
from typing import Any

from localaws.errors import AwsError, ValidationError
from localaws.labelling.forms import Field
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.labeling.crowd_work import Terms
from localaws.sagemaker.labeling.tasks import Answer, Task

Members = dict[str, Any]
_POLL = 0.2


class Open:
    """One task that people can work on.

    Args:
        task: What is asked.
        document: The job.
        needed: How many are to answer.
        expires: When it can no longer be taken.
    """

    def __init__(
        self, task: Task, document: Members, needed: int, expires: dt.datetime
    ) -> None:
        self.task = task
        self.document = document
        self.needed = needed
        self.expires = expires

    @property
    def team(self) -> str:
        """The ARN of the work team."""
        return str(self.document["WorkteamArn"])

    def left(self) -> int:
        """Return how many answers are still needed."""
        return max(0, self.needed - len(self.task.answers))

    def answered_by(self, worker: str) -> bool:
        """Whether a worker has answered it."""
        return any(answer.worker == worker for answer in self.task.answers)

    def shown(self) -> Members:
        """Return what the portal shows of it."""
        asked = self.document["HumanTaskConfig"]
        names = ("source", "source-ref")
        return {
            "task": self.task.name,
            "job": self.document["LabelingJobName"],
            "title": asked["TaskTitle"],
            "description": asked["TaskDescription"],
            "keywords": asked.get("TaskKeywords", []),
            "input": self.task.given,
            "object": {n: self.task.line[n] for n in names if n in self.task.line},
            "html": self.task.html,
            "fields": [_field(one) for one in self.task.fields],
            "seconds": asked["TaskTimeLimitInSeconds"],
            "expires": self.expires.isoformat(),
            "needed": self.left(),
        }


class Portal:
    """The open tasks of every job of a private work team.

    Args:
        engine: Where teams and jobs are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: dict[str, Open] = {}

    def work(
        self,
        document: Members,
        tasks: list[Task],
        terms: Terms,
        since: dt.datetime,
        stopped: Any,
    ) -> dt.datetime:
        """Wait until people have answered tasks, or they expire, or the job is stopped.

        Args:
            document: The stored job.
            tasks: A batch of it, which get their answers.
            terms: How many answer, and how long.
            since: When they are given out.
            stopped: An event.

        Returns:
            When the last task was done.
        """
        store = self._engine.store
        expires = since + dt.timedelta(seconds=terms.lifetime)
        opened = [Open(task, document, terms.workers, expires) for task in tasks]
        with store.changed:
            for one in opened:
                one.task.answers[:] = _kept(document, one.task)
                self._open[one.task.name] = one
            try:
                while (
                    any(one.left() for one in opened)
                    and self._engine.clock.now() < expires
                    and not stopped.is_set()
                ):
                    store.changed.wait(_POLL)
            finally:
                for one in opened:
                    self._open.pop(one.task.name, None)
        for one in opened:
            if not one.task.answers and not stopped.is_set():
                one.task.failure = (
                    "ClientError: Annotation tasks expired: no worker worked on the "
                    f"object within {terms.lifetime} s."
                )
        return max(since, min(expires, self._engine.clock.now()))

    def tasks(self, team: str, worker: str | None) -> list[Members]:
        """Return the open tasks of a work team that a worker has not answered.

        Args:
            team: Its name or ARN.
            worker: A name; None for all tasks that need an answer.
        """
        with self._engine.store.lock:
            return [one.shown() for one in self._waiting(team, worker)]

    def answer(self, name: str, worker: str, said: Members, seconds: float) -> int:
        """Take an answer, and return how many tasks the worker has left.

        Args:
            name: Of the task.
            worker: Who answers.
            said: What the page's form holds.
            seconds: How long it took.

        Raises:
            AwsError: There is no such task any more, or the answer does not fit.
        """
        engine = self._engine
        with engine.store.changed:
            one = self._open.get(name)
            if one is None or engine.clock.now() >= one.expires:
                raise AwsError("NotFound", f"There is no open task {name}.", 404)
            team = engine.store.find("Workteam", one.team)
            who = worker_id(team, worker)
            if one.answered_by(who):
                raise AwsError(
                    "ConflictException",
                    f"{worker} has answered this task already.",
                    409,
                )
            if not one.left():
                raise AwsError("NotFound", f"There is no open task {name}.", 404)
            if not said:
                raise ValidationError("An answer must not be empty.")
            for field in one.task.fields:
                if field.known and field.categories:
                    field.check(said)
            if seconds > one.document["HumanTaskConfig"]["TaskTimeLimitInSeconds"]:
                raise ValidationError(
                    f"{seconds} s are more than the time limit of the task."
                )
            engine.clock.tick(seconds)
            self._take(one, who, _metadata(team, worker), said, seconds)
            return len(self._waiting(one.team, worker))

    def _take(
        self, one: Open, who: str, metadata: Members, said: Members, seconds: float
    ) -> None:
        now = self._engine.clock.now()
        kept = _kept(one.document, one.task)
        kept.append(
            Answer(
                who, said, now - dt.timedelta(seconds=seconds), now, seconds, metadata
            )
        )
        member = {_member(one.task): [vars(answer) for answer in kept]}
        self._engine.store.change(one.document, **member)
        one.task.answers[:] = kept

    def _waiting(self, team: str, worker: str | None) -> list[Open]:
        found = self._engine.store.find("Workteam", team)
        who = worker and worker_id(found, worker)
        return [
            one
            for one in self._open.values()
            if one.team == found["WorkteamArn"]
            and one.left()
            and not (who and one.answered_by(who))
        ]


def worker_id(team: Members, worker: str) -> str:
    """Return the id of a member of a work team."""
    seed = f"{team['WorkforceArn']}/{worker}".encode()
    return f"private.us-east-1.{hashlib.sha256(seed).hexdigest()[:16]}"


def _metadata(team: Members, worker: str) -> Members:
    pool = team["MemberDefinitions"][0].get("CognitoMemberDefinition", {})
    issuer = team["_issuer"] if not pool else None
    base = f"https://cognito-idp.us-east-1.amazonaws.com/{pool.get('UserPool')}"
    sub = uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer or base}/{worker}")
    return {
        "identityData": {
            "identityProviderType": "Cognito" if pool else "Oidc",
            "issuer": issuer or base,
            "sub": str(sub),
        }
    }


def _member(task: Task) -> str:
    return f"_answers_{task.number}"


def _kept(document: Members, task: Task) -> list[Answer]:
    return [Answer(**one) for one in document.get(_member(task), ())]


def _field(field: Field) -> Members:
    return {**vars(field), "categories": list(field.categories)}
