"""The ranges of a tuning job's hyperparameters."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localaws.errors import ValidationError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Members = dict[str, Any]
Raw = int | float | str
_KINDS = {
    "IntegerParameterRanges": "Integer",
    "ContinuousParameterRanges": "Continuous",
    "CategoricalParameterRanges": "Categorical",
}
# Auto takes the logarithm where a range spans this much.
_DECADES = 100


@dataclass(frozen=True)
class Parameter:
    """One hyperparameter with the values that it may take.

    Attributes:
        name: Its name.
        kind: `Integer`, `Continuous` or `Categorical`.
        low: Smallest value.
        high: Largest value.
        scaling: `Linear`, `Logarithmic` or `ReverseLogarithmic`.
        values: What a categorical one may be.
    """

    name: str
    kind: str
    low: float = 0
    high: float = 0
    scaling: str = "Linear"
    values: tuple[str, ...] = ()

    def distribution(self) -> "BaseDistribution":
        """Return what the sampler draws from."""
        from optuna import distributions

        log = self.scaling != "Linear"
        if self.kind == "Categorical":
            return distributions.CategoricalDistribution(self.values)
        if self.kind == "Integer":
            return distributions.IntDistribution(int(self.low), int(self.high), log=log)
        if self.scaling == "ReverseLogarithmic":
            return distributions.FloatDistribution(
                1 - self.high, 1 - self.low, log=True
            )
        return distributions.FloatDistribution(self.low, self.high, log=log)

    def shown(self, raw: Raw) -> str:
        """Return the string that the training job gets of a drawn value."""
        if self.kind == "Categorical":
            return str(raw)
        if self.kind == "Integer":
            return str(int(raw))
        value = 1 - float(raw) if self.scaling == "ReverseLogarithmic" else float(raw)
        return repr(min(max(value, self.low), self.high))

    def raw(self, text: str) -> Raw:
        """Return what would have been drawn for a string.

        Raises:
            ValueError: It is outside the range.
        """
        if self.kind == "Categorical":
            return self.values[self.values.index(text)]
        value = float(text)
        if not self.low <= value <= self.high:
            raise ValueError(f"{text} is outside the range of {self.name}")
        if self.kind == "Integer":
            return int(value)
        return 1 - value if self.scaling == "ReverseLogarithmic" else value


def parameters(ranges: Members, strategy: str) -> list[Parameter]:
    """Read ParameterRanges.

    Raises:
        ValidationError: A range is empty, or its scaling or the strategy forbids it.
    """
    found = [
        _parameter(kind, given, strategy)
        for member, kind in _KINDS.items()
        for given in ranges.get(member, ())
    ]
    names = [one.name for one in found]
    if not found:
        raise ValidationError("You must specify at least one hyperparameter range.")
    if len(set(names)) < len(names):
        raise ValidationError(f"Hyperparameter ranges must have unique names: {names}.")
    return found


def _parameter(kind: str, given: Members, strategy: str) -> Parameter:
    name = given["Name"]
    if kind == "Categorical":
        return Parameter(name, kind, values=tuple(dict.fromkeys(given["Values"])))
    if strategy == "Grid":
        raise ValidationError(
            f"Grid search supports only categorical hyperparameters; {name} is "
            f"{kind.lower()}."
        )
    number = int if kind == "Integer" else float
    try:
        low, high = number(given["MinValue"]), number(given["MaxValue"])
    except ValueError as error:
        raise ValidationError(
            f"The range of {name} is not {kind.lower()}: {error}"
        ) from error
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValidationError(
            f"The MinValue of {name} must not exceed its MaxValue: {low}, {high}."
        )
    return Parameter(name, kind, low, high, _scaling(name, kind, given, low, high))


def _scaling(name: str, kind: str, given: Members, low: float, high: float) -> str:
    asked = given.get("ScalingType", "Auto")
    if asked == "Auto":
        wide = low > 0 and high >= _DECADES * low
        return "Logarithmic" if wide else "Linear"
    if asked == "Logarithmic" and low <= 0:
        raise ValidationError(
            f"Logarithmic scaling of {name} needs a range of values above 0."
        )
    if asked == "ReverseLogarithmic" and (
        kind != "Continuous" or not 0 <= low <= high < 1
    ):
        raise ValidationError(
            f"Reverse logarithmic scaling of {name} needs a continuous range within "
            "0 <= x < 1.0."
        )
    return asked
