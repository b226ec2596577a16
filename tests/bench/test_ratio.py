import pytest

from tests.bench.ratio import Row, alternate, differences, ratios, sustained


def test_sides_take_turns_to_be_first():
    order = []
    sides = [lambda name=name: order.append(name) or 1.0 for name in "ab"]
    assert alternate(2, *sides) == [(1.0, 1.0)] * 2
    assert order == ["a", "b", "b", "a"]


def test_pairs_are_compared_one_by_one():
    pairs = [(2.0, 1.0), (9.0, 3.0)]
    assert ratios(pairs) == [2.0, 3.0]
    assert differences(pairs) == [1.0, 6.0]


@pytest.mark.parametrize(("goal", "held"), [(None, None), (2.0, True), (1.9, False)])
def test_the_median_is_held_against_the_goal(goal, held):
    assert Row("ours", "theirs", [1.0, 2.0, 9.0], goal=goal).held is held


def test_every_client_calls_as_often_and_on_its_own():
    calls = []
    made = iter("abc")

    def client():
        name = next(made)
        return lambda: calls.append(name)

    assert sustained(client, 5, 3) > 0
    assert sorted(calls) == [*"aaaaaabbbbbbcccccc"]


def test_a_call_that_fails_under_load_fails_the_measure():
    with pytest.raises(ZeroDivisionError):
        sustained(lambda: lambda: 1 / 0, 5, 2)
