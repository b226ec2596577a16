"""The endpoint's one crowd: its pool, and the truth that it has been told."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from localaws.errors import ValidationError
from localaws.journal import Journal
from localaws.labelling.pool import Worker, choose, digest, pool

Answer = str | list[str]
_KIND = "labelling-crowd"
_USUAL: dict[str, Any] = {"seed": 0, "workers": 40, "careless": 0.1}
_MOST = 1000


class _Owner(Protocol):
    @property
    def journal(self) -> Journal:
        """Where changes are written."""


class Crowd:
    """Workers who know a hidden truth of objects, by their content.

    Args:
        owner: Holds the journal, so that what is told outlives a kill.
    """

    def __init__(self, owner: _Owner) -> None:
        self._journal = owner.journal
        self._lock = threading.RLock()
        self._truth: dict[str, Answer] = {}
        self._drawn = dict(_USUAL)
        self.workers: tuple[Worker, ...] = pool(**self._drawn)

    def tell(self, truth: Mapping[str, Answer]) -> None:
        """Let the workers know what is true.

        Args:
            truth: A category, or a list of them, by `digest` of the content.

        Raises:
            ValidationError: An answer is neither.
        """
        for key, answer in truth.items():
            several = answer if isinstance(answer, list) else [answer]
            if not all(isinstance(one, str) for one in several):
                raise ValidationError(
                    f"labelling: the truth of {key} is a category or a list of "
                    f"categories; found {answer!r}."
                )
        self._keep({"truth": dict(truth)})

    def reseed(self, seed: int = 0, workers: int = 40, careless: float = 0.1) -> None:
        """Draw another pool.

        Args:
            seed: Decides who errs, and how.
            workers: How many there are.
            careless: Share of those who choose without looking.

        Raises:
            ValidationError: There cannot be such a pool.
        """
        if not (0 <= workers <= _MOST and 0 <= careless <= 1):
            raise ValidationError(
                f"labelling: a crowd has 0 to {_MOST} workers, and a careless share of "
                f"0 to 1; found {workers} and {careless}."
            )
        drawn = {"seed": seed, "workers": workers, "careless": careless}
        self._keep({"drawn": drawn})

    def truth(self, data: bytes | str) -> Answer | None:
        """Return what is true of an object, or None if nobody knows."""
        with self._lock:
            return self._truth.get(digest(data))

    def choose(
        self, task: str, count: int | None = None, without: Sequence[Worker] = ()
    ) -> list[Worker]:
        """Return distinct workers who take a task, in order; fewer if there are few.

        Args:
            task: Names it.
            count: How many; None for everybody.
            without: Who does not.
        """
        seed = self._drawn["seed"]
        order = [w for w in choose(self.workers, task, seed) if w not in without]
        return order[:count]

    @property
    def known(self) -> int:
        """Of how many objects the truth is known."""
        return len(self._truth)

    def restore(self, payload: dict[str, Any]) -> None:
        """Take up one record of the journal again."""
        with self._lock:
            self._truth.update(payload.get("truth", {}))
            if "drawn" in payload:
                self._drawn = payload["drawn"]
                self.workers = pool(**self._drawn)

    def _keep(self, payload: dict[str, Any]) -> None:
        with self._lock:
            self._journal.record(_KIND, payload)
            self.restore(payload)


def _restore(context: Any, payload: dict[str, Any], body: bytes) -> None:
    context.part(Crowd).restore(payload)


RESTORERS = {_KIND: _restore}
