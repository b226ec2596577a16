"""One tuning job from its first trial to its end."""

import datetime as dt
import logging
import threading
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from localaws.errors import AwsError
from localaws.sagemaker import training
from localaws.sagemaker.engine import Engine
from localaws.sagemaker.tuning_space import parameters
from localaws.sagemaker.tuning_strategies import Grid, Sampled, Search, rule, size
from localaws.sagemaker.tuning_trials import (
    Definition,
    Trial,
    best,
    counters,
    definitions,
    launched,
    trial_name,
)

Members = dict[str, Any]
# AWS gives a tuning job up when none of so many trials succeeds.
_ATTEMPTS = 5
_DEFAULT_JOBS = 500
# A trial improves on the best one by at least so much of it.
_IMPROVEMENT = 0.01
_POLL = 0.1
log = logging.getLogger(__name__)


class Tuning:
    """Runs the trials of one tuning job, some at a time.

    On a standing clock trials are taken in the order of their start, so that what is
    asked next depends on the results alone; else in the order of their end.

    Args:
        engine: What it acts with.
        document: The stored tuning job, which it changes.
        parents: Trials of earlier tuning jobs.
    """

    def __init__(self, engine: Engine, document: Members, parents: list[Trial]) -> None:
        self._engine = engine
        self._document = document
        self._name: str = document["HyperParameterTuningJobName"]
        config = document["HyperParameterTuningJobConfig"]
        self._limits = config["ResourceLimits"]
        self._criteria = config.get("TuningJobCompletionCriteria", {})
        self._definitions = definitions(document)
        seed = config.get("RandomSeed", zlib.crc32(self._name.encode()))
        self._jobs = self._limits.get("MaxNumberOfTrainingJobs", _DEFAULT_JOBS)
        self._searches = [
            self._search(one, config["Strategy"], (seed + number) % 2**32)
            for number, one in enumerate(self._definitions)
        ]
        self._rules = [
            rule(config, one.given.get("StaticHyperParameters", {}), one.sign > 0)
            for one in self._definitions
        ]
        for parent in parents:
            if parent.objective is not None:
                for search in self._searches:
                    search.learn(parent.tuned | _static(parent), parent.objective)
        self._trials: list[Trial] = document["__trials"]
        self._running: deque[Trial] = deque()
        self._stopped = threading.Event()
        self._closed = False
        self._best: float | None = None
        self._not_improving = 0
        self._end: tuple[str, str | None] | None = None
        self._now: dt.datetime = document["CreationTime"]

    def _search(self, one: Definition, strategy: str, seed: int) -> Search:
        space = parameters(one.ranges, strategy)
        if strategy == "Grid":
            self._jobs = min(self._jobs, size(space) * len(self._definitions))
            return Grid(space)
        return Sampled(space, strategy == "Bayesian", one.sign > 0, seed, self._jobs)

    def stop(self) -> None:
        """Launch no more trials, and stop those that run."""
        self._stopped.set()
        self._halt()

    def close(self) -> None:
        """Give up at once: the endpoint ends, and its jobs with it."""
        self._closed = True
        with self._engine.store.changed:
            self._engine.store.changed.notify_all()

    def __call__(self) -> None:
        """Run trials to the end, whatever happens, and store how it ended."""
        try:
            while not self._closed:
                self._launch()
                if not self._running:
                    break
                trial = self._next()
                if trial:
                    self._account(trial)
        except AwsError as error:
            self._end = ("Failed", f"{error.code}: {error.message}")
        except Exception as error:
            log.exception("tuning job %s", self._name)
            self._end = ("Failed", f"InternalServerError: {error!r}")
        self._halt()
        self._engine.release(self._document["HyperParameterTuningJobArn"])
        if not self._closed:
            self._finish()

    def _launch(self) -> None:
        """Start trials until as many run as may."""
        engine = self._engine
        while (
            self._end is None
            and not self._stopped.is_set()
            and len(self._trials) < self._jobs
            and len(self._running) < self._limits["MaxParallelTrainingJobs"]
            and not self._late()
        ):
            number = len(self._trials)
            which = number % len(self._definitions)
            asked = self._searches[which].ask()
            if asked is None:
                return
            token, tuned = asked
            definition = self._definitions[which]
            request = definition.request(trial_name(engine, self._name, number), tuned)
            tags = engine.store.tagged(self._document["HyperParameterTuningJobArn"])
            request |= {
                "TuningJobArn": self._document["HyperParameterTuningJobArn"],
                "Tags": [{"Key": k, "Value": v} for k, v in tags.items()],
            }
            if engine.clock.standing:
                request["_created"] = self._now
            training.HANDLERS["CreateTrainingJob"](engine, request)
            document = engine.store.find("TrainingJob", request["TrainingJobName"])
            trial = Trial(number, definition, tuned, document, token)
            self._trials.append(trial)
            self._running.append(trial)
            self._document["_launched"].append(launched(trial, which))
            engine.store.save(self._document)
            if self._stopped.is_set():
                self._halt()

    def _next(self) -> Trial | None:
        """Wait for a trial that has ended, and take it."""
        changed = self._engine.store.changed
        while not self._closed:
            with changed:
                heads = list(self._running)
                if self._engine.clock.standing:
                    heads = heads[:1]
                ended = next((one for one in heads if one.ended), None)
                if ended:
                    self._running.remove(ended)
                    return ended
                changed.wait(_POLL)
            self._watch()
        return None

    def _watch(self) -> None:
        """Stop the running trials that a rule or the time limit gives up."""
        for trial in self._running:
            found = self._rules[self._definitions.index(trial.definition)]
            if found is None or trial.early or trial.ended:
                continue
            if found.stops(trial.number, trial.watch(self._engine)):
                trial.early = True
                self._stop(trial)
        if self._late() and not self._engine.clock.standing:
            self._halt()

    def _account(self, trial: Trial) -> None:
        """Take in how a trial ended, and see whether the tuning job has."""
        which = self._definitions.index(trial.definition)
        value = trial.objective
        ended = trial.document.get("TrainingEndTime")
        self._now = max(self._now, ended or self._now)
        self._searches[which].tell(trial.token, value)
        found = self._rules[which]
        if value is None:
            self._give_up()
            return
        if found and trial.values:
            found.ended(trial.values)
        sign = trial.definition.sign
        gain = None if self._best is None else sign * (value - self._best)
        if gain is None or gain >= _IMPROVEMENT * abs(self._best or 0):
            self._not_improving = 0
        else:
            self._not_improving += 1
        if gain is None or gain > 0:
            self._best = value
        target = self._criteria.get("TargetObjectiveMetricValue")
        patience = self._criteria.get("BestObjectiveNotImproving", {}).get(
            "MaxNumberOfTrainingJobsNotImproving"
        )
        reached = target is not None and sign * value >= sign * target
        stuck = patience is not None and self._not_improving >= patience
        if self._end is None and (reached or stuck):
            self._end = ("Completed", None)
            self._halt()

    def _give_up(self) -> None:
        """End the tuning job when none of the first trials succeeded."""
        ended = [one for one in self._trials if one.ended]
        if self._best is None and len(ended) >= _ATTEMPTS and self._end is None:
            self._end = ("Failed", _fruitless(ended))
            self._halt()

    def _late(self) -> bool:
        limit = self._limits.get("MaxRuntimeInSeconds")
        now = self._now if self._engine.clock.standing else self._engine.clock.now()
        spent = (now - self._document["CreationTime"]).total_seconds()
        return limit is not None and spent >= limit

    def _halt(self) -> None:
        for trial in list(self._running):
            self._stop(trial)

    def _stop(self, trial: Trial) -> None:
        name = trial.document["TrainingJobName"]
        try:
            training.HANDLERS["StopTrainingJob"](
                self._engine, {"TrainingJobName": name}
            )
        except AwsError:
            # it has just ended, or is stopping already
            return

    def _finish(self) -> None:
        engine = self._engine
        self._wait(lambda: all(one.ended for one in self._running))
        status, reason = self._end or ("Completed", None)
        if self._stopped.is_set():
            status, reason = "Stopped", None
        elif self._best is None and status == "Completed":
            status, reason = "Failed", _fruitless(self._trials)
        end = self._now if engine.clock.standing else engine.clock.now()
        seconds = (end - self._document["CreationTime"]).total_seconds()
        found = best(self._trials)
        members: Members = {
            **counters(self._trials),
            "HyperParameterTuningJobStatus": status,
            "HyperParameterTuningEndTime": end,
            "BestTrainingJob": found and found.summary(),
            "ConsumedResources": {"RuntimeInSeconds": round(seconds)},
            "TuningJobCompletionDetails": {
                "NumberOfTrainingJobsObjectiveNotImproving": self._not_improving
            },
        }
        if reason:
            members["FailureReason"] = reason[:1024]
        engine.store.change(self._document, **members)

    def _wait(self, done: Callable[[], bool]) -> None:
        changed = self._engine.store.changed
        with changed:
            while not done() and not self._closed:
                changed.wait(1)


def _static(trial: Trial) -> dict[str, str]:
    """Return the static hyperparameters of a trial: they may be tunable now."""
    return trial.definition.given.get("StaticHyperParameters", {})


def _fruitless(trials: list[Trial]) -> str:
    count = len(trials)
    if any(one.status == "Completed" for one in trials):
        return (
            f"No objective metrics found after running {count} training jobs. Please "
            "ensure that the custom algorithm is emitting the objective metric as "
            "defined by the regular expression provided."
        )
    return (
        f"No training job succeeded after {count} attempts. Please take a look at the "
        "training job failures to get more details."
    )
