"""Honest but odd submissions get their due: what is right counts, however it came."""

import pytest

from tests.helpers.grading.submissions import POINTS, cells, light, other, states

TOTAL, SUMS, VERSIONS = "total_cents", "sum_by_day", "keep_versions"


def answer(task, source):
    """Give the solution with another answer to a task."""
    return [
        {**cell, "source": source}
        if cell["kind"] == "answer" and cell["task"] == task
        else cell
        for cell in light()
    ]


def first(*sources):
    """Give the solution with cells of one's own before the first answer."""
    return light()[:3] + [other(source) for source in sources] + light()[3:]


def last(*sources):
    """Give the solution with cells of one's own at the end."""
    return light() + [other(source) for source in sources]


def reordered():
    """Give the tasks in the other order, each with its cells."""
    found = light()
    head, rest = found[:3], found[3:-1]
    return [*head, *rest[6:], *rest[3:6], *rest[:3], found[-1]]


def doubled():
    """Give each cell twice, checks too."""
    return [cell for cell in light() for _ in range(2)]


def below():
    """Leave an answer as released, and solve it in a cell below its check."""
    source = answer_source(TOTAL)
    stub = "def total_cents(prices):\n    raise NotImplementedError()"
    return [*answer(TOTAL, stub), other(source)]


def split():
    """Split an answer in two cells, of which the first alone is of no use."""
    found = answer(TOTAL, "def cents(price):\n    return round(float(price) * 100)")
    place = next(n for n, cell in enumerate(found) if cell["task"] == TOTAL)
    source = "def total_cents(prices):\n    return sum(map(cents, prices))"
    return [
        *found[: place + 1],
        {**found[place], "source": source},
        *found[place + 1 :],
    ]


def answer_source(task):
    """Give the source of the solution of a task."""
    return next(c["source"] for c in light() if c["task"] == task)


NUMPY = """
import numpy as np

def total_cents(prices):
    return np.round(np.array(prices, dtype=float) * 100).astype("int64").sum()
"""
CLASS = """
class Adder:
    def __init__(self, times):
        self.times = times

    def __call__(self, prices):
        return sum(round(float(price) * self.times) for price in prices)

total_cents = Adder(100)
"""
MANY_LINES = """
import logging, os, random, sys, warnings
import numpy as np

logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)
os.environ["TZ"] = "Asia/Tokyo"
os.environ["HOME"] = "/nowhere"
random.seed(1)
np.random.seed(1)
sys.path.insert(0, ".")
sys.setrecursionlimit(5_000)
"""
ASYNC = """
import asyncio

async def one(price):
    await asyncio.sleep(0)
    return round(float(price) * 100)

first = await one("1.10")
"""
GLOBAL = """
seen = {}

def total_cents(prices):
    global seen
    key = tuple(prices)
    if key not in seen:
        seen[key] = sum(round(float(price) * 100) for price in prices)
    return seen[key]
"""
NOISY = """
import sys, warnings

def total_cents(prices):
    warnings.warn("prices are strings")
    print("adding", len(prices), file=sys.stderr)
    return sum(round(float(price) * 100) for price in prices)
"""
EXTENDED = """
def sum_by_day(rides):
    import pandas as pd
    kept = rides.query("not cancelled")
    found = kept.groupby("day")["passengers"].sum().reset_index()
    found["day"] = found["day"].astype("Int64")
    found["passengers"] = pd.Categorical(found["passengers"])
    return found
"""
UTF8 = """
# 合計 (セント単位) · сумма в центах · łączna kwota ✓
def total_cents(prices):
    цена = sum(round(float(price) * 100) for price in prices)
    return цена
"""
OWN_CLIENT = """
def keep_versions(bucket):
    s3 = boto3.Session(region_name="us-east-1").resource("s3")
    s3.create_bucket(Bucket=bucket).Versioning().enable()
"""

CASES = {
    "warnings and stderr": answer(TOTAL, NOISY),
    "warnings are errors": first('import warnings\nwarnings.simplefilter("error")'),
    "chdir": first("import os, tempfile\nos.chdir(tempfile.mkdtemp())"),
    "shadowed builtins": first(
        "list = [1]\nprint = None\nsum_ = sum\ndict = str = None\nid = 7"
    ),
    "cells twice": doubled(),
    "a split answer": split(),
    "solved below the check": below(),
    "other order": reordered(),
    "no check cells": [cell for cell in light() if cell["kind"] != "check"],
    "renamed, with an alias": answer(
        TOTAL,
        answer_source(TOTAL).replace("total_cents", "mine") + "\ntotal_cents = mine",
    ),
    "lambda": answer(
        TOTAL, "total_cents = lambda p: sum(round(float(x)*100) for x in p)"
    ),
    "an object of a class": answer(TOTAL, CLASS),
    "numpy's numbers": answer(TOTAL, NUMPY),
    "other types in the frame": answer(SUMS, EXTENDED),
    "magics": first(
        "%%time\nx = sum(range(10))",
        "!ls -la",
        "%matplotlib inline",
        "files = !ls",
        "%%bash\necho $HOME",
        "%timeit -n1 -r1 1 + 1",
        "%whos",
        "total_cents?",
    ),
    "figures": first(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", "plt.figure()"
    ),
    "prints much": last("print('x' * 100_000)", "for n in range(20_000): print(n)"),
    "failing exploration": first(
        "1 / 0", "raise SystemExit", "undefined_name", "def x(:"
    ),
    "exit and interrupts": first(
        "exit", "quit()", "import sys; sys.exit(3)", "raise KeyboardInterrupt"
    ),
    "asks the user": first("name = input('your name? ')"),
    "other languages": answer(TOTAL, UTF8),
    "star imports": first("from math import *\nfrom os.path import *"),
    "global state": answer(TOTAL, GLOBAL),
    "await at the top": first(ASYNC, "await asyncio.gather(one('1'), one('2'))"),
    "its own logging and environment": first(MANY_LINES),
    "another client": answer(VERSIONS, OWN_CLIENT),
    "own imports in the set-up": [
        {**cell, "source": f"import numpy as np\n{cell['source']}\nseed = 99"}
        if cell["kind"] == "setup"
        else cell
        for cell in answer(TOTAL, NUMPY.replace("import numpy as np\n", ""))
    ],
    "threads that go on": first(
        "import threading, time\n"
        "threading.Thread(target=lambda: time.sleep(600), daemon=True).start()"
    ),
    "display and rich tables": first(
        "display(pd.DataFrame({'a': range(300)}))", "get_ipython().history_manager"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_odd_submission_gets_all_that_is_due(graded, name):
    result = graded(CASES[name])
    assert result["verdict"] == "graded", result["notes"]
    assert result["points"] == POINTS, (result["tasks"], result["notes"])
    assert result["runs"] == 1


def test_partial_work_gets_its_part(graded):
    result = graded(answer(SUMS, "def sum_by_day(rides):\n    return rides.head()"))
    assert states(result)[SUMS] == "failed"
    assert result["points"] == POINTS - 3


def test_a_generator_is_what_the_lab_says_of_it(graded):
    """As in a notebook: what the probe cannot read is no answer, the rest counts."""
    source = (
        "def total_cents(prices):\n    yield sum(round(float(p)*100) for p in prices)"
    )
    result = graded(answer(TOTAL, source))
    assert states(result)[TOTAL] == "error"
    assert result["points"] == POINTS - 2


def test_the_whole_solution_scores_everything_and_the_release_nothing(graded):
    from tests.helpers.grading.submissions import LIGHT

    solved = graded(light(job=True))
    assert (solved["points"], solved["maximum"]) == (10, 10), solved["tasks"]
    released = graded(cells(LIGHT / "lab.ipynb"))
    assert released["points"] == 0
    assert set(states(released).values()) == {"unsolved"}
