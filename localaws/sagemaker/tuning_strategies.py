"""How a tuning job chooses hyperparameters, and which trials it stops early."""

import itertools
import math
import statistics
import warnings
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from localaws.errors import ValidationError
from localaws.sagemaker.tuning_space import Parameter

if TYPE_CHECKING:
    from optuna.trial import Trial as Draw

Members = dict[str, Any]
# What names the largest resource among the static hyperparameters.
_EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")
_ETA = 3
_EARLIER = 3


class Search(Protocol):
    """Chooses the next values, knowing those that were tried."""

    def ask(self) -> tuple[Any, dict[str, str]] | None:
        """Return a token and the next values; None when there are no more."""

    def tell(self, token: Any, value: float | None) -> None:
        """Report the objective of what was asked; None if there is none."""

    def learn(self, tuned: dict[str, str], value: float) -> None:
        """Take in a trial of an earlier tuning job."""


class Sampled:
    """Random search, or Bayesian search by a tree-structured Parzen estimator.

    Args:
        space: The hyperparameters.
        bayesian: Whether earlier trials count.
        maximize: Whether the objective is to grow.
        seed: Of the random numbers.
        jobs: How many trials there will be.
    """

    def __init__(
        self,
        space: list[Parameter],
        bayesian: bool,
        maximize: bool,
        seed: int,
        jobs: int,
    ) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = space
        self._distributions = {one.name: one.distribution() for one in space}
        startup = max(2, min(10, jobs // 3))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sampler = (
                optuna.samplers.TPESampler(seed=seed, n_startup_trials=startup)
                if bayesian
                else optuna.samplers.RandomSampler(seed=seed)
            )
        self._study = optuna.create_study(
            sampler=sampler, direction="maximize" if maximize else "minimize"
        )

    def ask(self) -> tuple["Draw", dict[str, str]]:
        """Draw the next values."""
        draw = self._study.ask(self._distributions)
        return draw, {one.name: one.shown(draw.params[one.name]) for one in self._space}

    def tell(self, token: "Draw", value: float | None) -> None:
        """Report the objective of a draw."""
        from optuna.trial import TrialState

        if value is None or not math.isfinite(value):
            self._study.tell(token, state=TrialState.FAIL)
        else:
            self._study.tell(token, value)

    def learn(self, tuned: dict[str, str], value: float) -> None:
        """Take in a trial of an earlier job, if its values lie within the ranges."""
        from optuna.trial import create_trial

        try:
            params = {one.name: one.raw(tuned[one.name]) for one in self._space}
        except (KeyError, ValueError):
            return
        self._study.add_trial(
            create_trial(params=params, distributions=self._distributions, value=value)
        )


class Grid:
    """Every combination of categorical values, once.

    Args:
        space: The hyperparameters.
    """

    def __init__(self, space: list[Parameter]) -> None:
        names = [one.name for one in space]
        self._left: Iterator[dict[str, str]] = (
            dict(zip(names, values, strict=True))
            for values in itertools.product(*(one.values for one in space))
        )

    def ask(self) -> tuple[None, dict[str, str]] | None:
        """Return the next combination."""
        values = next(self._left, None)
        return values and (None, values)

    def tell(self, token: None, value: float | None) -> None:
        """Nothing follows from a result."""

    def learn(self, tuned: dict[str, str], value: float) -> None:
        """Nothing follows from a result."""


def size(space: list[Parameter]) -> int:
    """Return how many combinations a grid has."""
    return math.prod(len(one.values) for one in space)


class Rule(Protocol):
    """Decides which running trial is stopped."""

    def stops(self, number: int, values: list[float]) -> bool:
        """Whether a trial with these objective values, step by step, is stopped."""

    def ended(self, values: list[float]) -> None:
        """Take in a trial that has ended."""


class Median:
    """Stops what is worse than the median of the running averages of earlier trials.

    Args:
        maximize: Whether the objective is to grow.
    """

    def __init__(self, maximize: bool) -> None:
        self._sign = 1 if maximize else -1
        self._earlier: list[list[float]] = []

    def stops(self, number: int, values: list[float]) -> bool:
        """Compare each step with the same step of earlier trials."""
        for step, value in enumerate(values, 1):
            averages = [
                statistics.fmean(one[:step])
                for one in self._earlier
                if len(one) >= step
            ]
            if len(averages) >= _EARLIER:
                worst = statistics.median(averages)
                if self._sign * value < self._sign * worst:
                    return True
        return False

    def ended(self, values: list[float]) -> None:
        """Remember a trial."""
        self._earlier.append(list(values))


class Hyperband:
    """Stops, at growing numbers of steps, all but the best third of a bracket.

    Trials take turns in the brackets; a bracket's first rung is three times that of
    the bracket before. A trial is compared with those that reached its rung earlier.

    Args:
        maximize: Whether the objective is to grow.
        least: Steps that every trial may take.
        most: Steps after which every trial is stopped.
    """

    def __init__(self, maximize: bool, least: int, most: int) -> None:
        self._sign = 1 if maximize else -1
        self._least, self._most = least, most
        self._brackets = 1 + int(math.log(most / least, _ETA) + 1e-9)
        self._rungs: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)

    def stops(self, number: int, values: list[float]) -> bool:
        """Compare a trial at each rung that it has reached."""
        bracket = number % self._brackets
        rung = self._least * _ETA**bracket
        while rung <= min(len(values), self._most - 1):
            seen = self._rungs[bracket, rung]
            if number not in seen:
                seen[number] = self._sign * values[rung - 1]
                better = sum(one > seen[number] for one in seen.values())
                if len(seen) >= _ETA and better >= math.ceil(len(seen) / _ETA):
                    return True
            rung *= _ETA
        return len(values) >= self._most

    def ended(self, values: list[float]) -> None:
        """Nothing more follows from the end of a trial."""


def rule(config: Members, static: dict[str, str], maximize: bool) -> Rule | None:
    """Return what stops trials early, if anything does.

    Args:
        config: `HyperParameterTuningJobConfig`.
        static: The static hyperparameters.
        maximize: Whether the objective is to grow.

    Raises:
        ValidationError: Hyperband lacks its largest resource, or is combined with
            early stopping.
    """
    auto = config.get("TrainingJobEarlyStoppingType", "Off") == "Auto"
    if config["Strategy"] != "Hyperband":
        return Median(maximize) if auto else None
    if auto:
        raise ValidationError(
            "TrainingJobEarlyStoppingType must be Off to use Hyperband, which has its "
            "own early stopping."
        )
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    known = (static[name] for name in _EPOCHS if name in static)
    most = given.get("MaxResource") or next(known, None)
    least = given.get("MinResource", 1)
    try:
        largest = int(most or "")
    except ValueError as error:
        raise ValidationError(
            "Hyperband needs a MaxResource, or one of the static hyperparameters "
            f"{', '.join(_EPOCHS)}."
        ) from error
    if least > largest:
        raise ValidationError(f"MinResource {least} exceeds MaxResource {largest}.")
    return Hyperband(maximize, least, largest)
