"""The rules that stop trials, and the ranges that searches draw from."""

import pytest

from localaws.errors import ValidationError
from localaws.sagemaker.tuning_space import Parameter, parameters
from localaws.sagemaker.tuning_strategies import Hyperband, Median, Sampled


def test_the_median_rule_waits_for_three_trials() -> None:
    rule = Median(maximize=True)
    for value in (1.0, 2.0):
        rule.ended([value] * 3)
        assert not rule.stops(9, [0.0])
    rule.ended([3.0] * 3)
    assert rule.stops(9, [1.9])
    assert not rule.stops(9, [2.0, 2.5])
    assert rule.stops(9, [2.5, 1.0])
    assert not rule.stops(9, [2.0] * 3 + [0.0])


def test_the_median_rule_compares_running_averages() -> None:
    rule = Median(maximize=False)
    for values in ([9.0, 1.0], [9.0, 3.0], [9.0, 5.0]):
        rule.ended(values)
    assert not rule.stops(9, [9.0, 6.0])
    assert rule.stops(9, [9.0, 6.1])


def test_hyperband_keeps_the_best_third_of_a_bracket() -> None:
    rule = Hyperband(maximize=True, least=1, most=9)
    first_bracket = (0, 3, 6, 9)
    kept = [not rule.stops(number, [float(number)]) for number in first_bracket]
    assert kept == [True, True, True, True]
    assert rule.stops(12, [0.5])
    assert not rule.stops(1, [0.0])
    assert rule.stops(2, [5.0] * 9)


def test_hyperband_judges_a_trial_once_at_a_rung() -> None:
    rule = Hyperband(maximize=False, least=1, most=9)
    for number, value in ((0, 1.0), (3, 2.0), (6, 0.5)):
        assert not rule.stops(number, [value])
    assert not rule.stops(3, [2.0, 0.1])


@pytest.mark.parametrize("scaling", ["Linear", "Logarithmic", "ReverseLogarithmic"])
def test_what_is_shown_reads_back(scaling: str) -> None:
    one = Parameter("rate", "Continuous", 0.5, 0.999, scaling)
    search = Sampled([one], False, True, seed=1, jobs=10)
    for _ in range(20):
        draw, shown = search.ask()
        assert 0.5 <= float(shown["rate"]) <= 0.999
        assert one.raw(shown["rate"]) == pytest.approx(draw.params["rate"])
        search.tell(draw, 1.0)


def test_what_lies_outside_is_not_learnt() -> None:
    space = [
        Parameter("n", "Integer", 1, 5),
        Parameter("m", "Categorical", values=("a",)),
    ]
    search = Sampled(space, True, True, seed=1, jobs=10)
    search.learn({"n": "7", "m": "a"}, 1.0)
    search.learn({"n": "2", "m": "b"}, 1.0)
    search.learn({"n": "2"}, 1.0)
    assert not search._study.trials
    search.learn({"n": "2", "m": "a", "other": "1"}, 1.0)
    assert search._study.trials[0].params == {"n": 2, "m": "a"}


def test_auto_is_logarithmic_over_two_decades() -> None:
    ranges = [
        {"Name": name, "MinValue": low, "MaxValue": "1"}
        for name, low in (("wide", "0.01"), ("narrow", "0.02"), ("zero", "0"))
    ]
    found = parameters({"ContinuousParameterRanges": ranges}, "Random")
    assert [one.scaling for one in found] == ["Logarithmic", "Linear", "Linear"]
    with pytest.raises(ValidationError, match="unique names"):
        parameters({"ContinuousParameterRanges": ranges[:1] * 2}, "Random")
    with pytest.raises(ValidationError, match="at least one"):
        parameters({}, "Random")
