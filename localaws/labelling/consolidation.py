"""What several workers' answers say of the truth, by expectation maximisation.

Ground Truth's documentation says that its built-in functions for classes use "a variant
of the Expectation Maximization approach" and does not say which. This is the classical
one: A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates
Using the EM Algorithm, Applied Statistics 28 (1979), 20-28. It starts at the shares of
the votes; the error rates are smoothed, since a worker may have few answers.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Votes = Mapping[str, str]
_ROUNDS = 50
_STILL = 1e-5
# What a worker is believed to do before anything is seen: counts of right and wrong.
_RIGHT, _WRONG = 2.0, 0.5


@dataclass(frozen=True)
class Consolidation:
    """What the answers say.

    Attributes:
        posteriors: For each object the probability of each category.
        confusion: For each worker and true category the probability of each answer.
        shares: The estimated share of each category.
    """

    posteriors: list[dict[str, float]]
    confusion: dict[str, dict[str, dict[str, float]]]
    shares: dict[str, float]

    def best(self, place: int) -> tuple[str, float]:
        """Return the likeliest category of an object, and its probability."""
        found = self.posteriors[place]
        label = max(found, key=found.__getitem__)
        return label, found[label]


def majority(votes: Votes) -> str:
    """Return the most frequent answer; of several the one that was given first."""
    return Counter(votes.values()).most_common(1)[0][0]


def consolidate(votes: Sequence[Votes], categories: Sequence[str]) -> Consolidation:
    """Estimate the truth of objects and the error rates of workers together.

    Args:
        votes: For each object the answer of each worker; none may be empty.
        categories: What may be chosen.
    """
    posteriors = [_shares(Counter(one.values()), categories) for one in votes]
    for _ in range(_ROUNDS):
        before = posteriors
        confusion = _confusion(votes, posteriors, categories)
        totals = Counter(dict.fromkeys(categories, 1.0))
        for one in posteriors:
            totals.update(one)
        shares = _shares(totals, categories)
        posteriors = [_posterior(one, confusion, shares) for one in votes]
        if _change(before, posteriors) < _STILL:
            break
    return Consolidation(posteriors, confusion, shares)


def _shares(counts: Mapping[str, float], categories: Sequence[str]) -> dict[str, float]:
    total = sum(counts.values())
    return {one: counts.get(one, 0) / total for one in categories}


def _confusion(
    votes: Sequence[Votes],
    posteriors: Sequence[Mapping[str, float]],
    categories: Sequence[str],
) -> dict[str, dict[str, dict[str, float]]]:
    seen: dict[str, dict[str, dict[str, float]]] = {}
    for one, posterior in zip(votes, posteriors, strict=True):
        for worker, answer in one.items():
            if worker not in seen:
                seen[worker] = {
                    true: {c: _RIGHT if c == true else _WRONG for c in categories}
                    for true in categories
                }
            for true, weight in posterior.items():
                seen[worker][true][answer] += weight
    return {
        worker: {true: _shares(row, categories) for true, row in matrix.items()}
        for worker, matrix in seen.items()
    }


def _posterior(
    votes: Votes,
    confusion: Mapping[str, Mapping[str, Mapping[str, float]]],
    shares: Mapping[str, float],
) -> dict[str, float]:
    logs = {
        true: math.log(share)
        + sum(math.log(confusion[who][true][said]) for who, said in votes.items())
        for true, share in shares.items()
    }
    most = max(logs.values())
    weights = {true: math.exp(value - most) for true, value in logs.items()}
    return _shares(weights, list(shares))


def _change(
    before: Sequence[Mapping[str, float]], after: Sequence[Mapping[str, float]]
) -> float:
    return max(
        (
            abs(one[name] - other[name])
            for one, other in zip(before, after, strict=True)
            for name in one
        ),
        default=0.0,
    )
