"""A prober acts on objects that stay in the student's box, and on nothing else."""

import json

import numpy as np
import pandas as pd
import pytest

from helpers.grading.crossing import remote
from helpers.grading.roles.student import Student

SECRET = 1 << 60


@pytest.fixture
def box():
    """A student's box without a process, a notebook or a connection."""
    bare = Student.__new__(Student)
    bare.kept, bare.numbers = [None], {}
    return bare


@pytest.fixture
def far(box):
    def ask(document):
        assert document["op"] == "do"
        try:
            reply = box._op_do(json.loads(json.dumps(document)))
        except Exception as error:
            from helpers.grading.crossing import failures

            reply = {"raised": failures.told(error)}
        return json.loads(json.dumps(reply))

    return remote.Far(ask, (SECRET.to_bytes(8, "little"), str(SECRET).encode()))


@pytest.fixture
def send(box, far):
    """Give an object as the prober gets it."""

    def sent(value):
        return far.result(json.loads(json.dumps({"value": box._encoded(value)})))

    return sent


class Reader:
    name = "svm"

    def __init__(self):
        self.seen = []

    def predict(self, rows, *, scale=1):
        self.seen.append(rows)
        return np.asarray(rows) * scale

    def me(self):
        return self


def test_a_function_is_called_over_there(send):
    assert send(lambda a, b=2: {"sum": a + b})(1, b=3) == {"sum": 4}


def test_methods_and_attributes_of_an_object_are_reached(send):
    reader = send({"a": Reader()})["a"]
    assert reader.name == "svm"
    assert list(reader.predict(np.array([1, 2]), scale=2)) == [2, 4]
    with pytest.raises(AttributeError, match="columns"):
        reader.columns  # noqa: B018
    assert getattr(reader, "columns", []) == []
    with pytest.raises(AttributeError):
        reader.name = "other"


def test_an_object_that_is_given_back_is_the_same_one(send):
    reader = Reader()
    far = send(reader)
    send(lambda other: other.seen.append("here"))(far.me())
    assert reader.seen == ["here"]


def test_an_object_can_do_what_its_type_can(send):
    assert list(send(x * x for x in range(1000))) == [x * x for x in range(1000)]
    assert next(send(iter([7]))) == 7
    assert list(send(range(3))) == [0, 1, 2]
    assert len(send({1: 2}.keys())) == 1
    assert 3 in send(range(5)) and send(range(5))[4] == 4
    plain = send(Reader())
    assert not callable(plain) and not hasattr(plain, "__len__") and plain
    with pytest.raises(TypeError):
        iter(plain)
    assert "Reader object" in repr(plain) and "Reader object" in str(plain)


def test_an_endless_answer_ends(send, monkeypatch):
    monkeypatch.setattr(remote, "MOST_ITEMS", 1_000)
    from itertools import count

    with pytest.raises(ValueError, match="more than 1,000 items"):
        list(send(count()))


def test_numbers_of_other_kinds_are_numbers(send):
    class Odd:
        def __float__(self):
            return 1.5

        def __int__(self):
            return 1

        def __array__(self, dtype=None, copy=None):
            return np.array([1.5])

    odd = send(Odd())
    assert (float(odd), int(odd), np.asarray(odd)[0]) == (1.5, 1, 1.5)


def test_frames_go_both_ways(send):
    frame = pd.DataFrame({"a": [1, 2]})
    found = send(lambda rows: rows.assign(b=rows["a"] * 2))(frame)
    pd.testing.assert_frame_equal(found, frame.assign(b=[2, 4]))


def test_an_answer_cannot_lie_about_equality(send):
    class Liar:
        def __eq__(self, other):
            return True

        __hash__ = None

    liar = send([Liar()])[0]
    assert liar != "Enabled"
    with pytest.raises(TypeError):
        json.dumps(liar)


def test_the_result_of_len_is_a_number(far):
    lies = remote.Far(lambda _: {"value": "many"})
    handle = {"~": "handle", "v": {"handle": 1, "able": ["__len__"], "kind": "L"}}
    with pytest.raises(TypeError, match="not a int"):
        len(lies.result({"value": handle}))


@pytest.mark.parametrize("given", [SECRET, {"seed": SECRET}, f"draw-{SECRET}"])
def test_the_seed_never_goes_there(send, given):
    with pytest.raises(RuntimeError, match="hidden seed"):
        send(lambda _: None)(given)


def test_a_special_method_that_is_not_known_is_not_made():
    able = frozenset({"__reduce__", "__del__", "__call__"})
    lies = remote.Far(lambda _: {"value": 1})
    handle = {"handle": 1, "able": [*able], "kind": "x" * 500}
    found = lies.result({"value": {"~": "handle", "v": handle}})
    assert "__del__" not in vars(type(found)) and "__reduce__" not in vars(type(found))
    assert found() == 1
