"""Simulated workers: how each errs is drawn from a seed, once and for all."""

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

_ACCURACY = (0.72, 0.97)
_SPREAD = 0.06
_SECONDS = (4, 60)
_MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class Worker:
    """One worker of a pool.

    Attributes:
        seed: Of the pool.
        number: In the pool, from 0.
        careless: Whether they choose without looking.
    """

    seed: int
    number: int
    careless: bool

    @property
    def worker_id(self) -> str:
        """The id that Mechanical Turk gives out, such as `A2EXAMPLE0WORKER`."""
        drawn = self._random("id").choices(_MARKS, k=13)
        return "A" + "".join(drawn)

    def row(self, truth: str, categories: Sequence[str]) -> list[float]:
        """Return the row of the confusion matrix for what is true.

        Args:
            truth: One of the categories.
            categories: What may be chosen.

        Returns:
            The probability of each category to be chosen.

        Raises:
            ValueError: The truth cannot be chosen.
        """
        true = list(categories).index(truth)
        count = len(categories)
        if self.careless or count == 1:
            return [1 / count] * count
        drawn = self._random("row", truth, *categories)
        right = min(0.99, max(0.5, drawn.gauss(self._accuracy, _SPREAD)))
        weights = [drawn.expovariate(1) for _ in categories]
        wrong = sum(weights) - weights[true]
        return [
            right if place == true else (1 - right) * weight / wrong
            for place, weight in enumerate(weights)
        ]

    def label(self, task: str, truth: str, categories: Sequence[str]) -> str:
        """Choose one category of a task.

        Args:
            task: Names it; the same task gets the same answer.
            truth: What a perfect worker would choose.
            categories: What may be chosen.
        """
        weights = self.row(truth, categories)
        return self._random("label", task).choices(list(categories), weights)[0]

    def labels(
        self, task: str, truth: Sequence[str], categories: Sequence[str]
    ) -> list[str]:
        """Choose any number of categories of a task; arguments as for `label`."""
        for one in truth:
            list(categories).index(one)
        found = []
        for category in categories:
            kind = ("yes", "no")
            row = self.row("yes" if category in truth else "no", kind)
            drawn = self._random("labels", task, category)
            if drawn.choices(kind, row) == ["yes"]:
                found.append(category)
        return found

    def seconds(self, task: str) -> int:
        """Return how long they work on a task; who is careless is soon done."""
        least, most = _SECONDS
        middle = math.log(least + 1 if self.careless else 12)
        drawn = self._random("seconds", task).lognormvariate(middle, 0.45)
        return min(most, max(least, round(drawn)))

    @property
    def _accuracy(self) -> float:
        return self._random("accuracy").uniform(*_ACCURACY)

    def _random(self, *names: str) -> random.Random:
        return random.Random("/".join((str(self.seed), str(self.number), *names)))


def pool(seed: int, workers: int, careless: float) -> tuple[Worker, ...]:
    """Draw a pool.

    Args:
        seed: Decides everything.
        workers: How many there are.
        careless: Share of those who choose without looking.
    """
    drawn = random.Random(f"{seed}/careless")
    without = set(drawn.sample(range(workers), round(workers * careless)))
    return tuple(Worker(seed, number, number in without) for number in range(workers))


def choose(pool: Sequence[Worker], task: str, seed: int) -> list[Worker]:
    """Return the workers in the order in which they would take a task."""
    order = list(pool)
    random.Random(f"{seed}/{task}").shuffle(order)
    return order


def digest(data: bytes | str) -> str:
    """Return what names the content of an object: the SHA-256 of its bytes."""
    content = data.encode() if isinstance(data, str) else data
    return hashlib.sha256(content).hexdigest()
