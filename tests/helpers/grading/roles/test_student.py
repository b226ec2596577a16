"""The student's box runs cells as a notebook's kernel does."""

import pytest

from helpers.grading.limits import Limits
from helpers.grading.run import Run
from tests.helpers.grading.submissions import lab


@pytest.fixture(scope="module")
def run(sandbox):
    with sandbox.pod(Limits()) as pod:
        made = Run(pod, lab(), Limits())
        made.open({"task": {"numbers": [1]}})
        yield made


def printed(run, source):
    reply = run.cell(source)
    assert reply["error"] is None, reply
    return reply["output"]


OUTPUTS = {
    "value": ("1 + 1", ": 2\n"),
    "print": ("print('ä')", "ä\n"),
    "command": ("!echo $((40 + 2))", "42\n"),
    "captured command": ("said = !echo a b\nsaid.fields(1)", "['b']\n"),
    "bash": ("%%bash\necho here", "here\n"),
    "time": ("%%time\nx = 1", "Wall time"),
    "capture": ("%%capture kept\nprint('kept')", ""),
    "shell": ("type(get_ipython()).__name__", "Shell"),
    "display": ("display({'a': 1})", "{'a': 1}\n"),
    "name": ("__name__", "__main__"),
    "await": ("import asyncio\nawait asyncio.sleep(0, 'slept')", "slept"),
    "loop": ("asyncio.get_running_loop().is_running()", "True"),
    "task of before": (
        "async def later(): return 7\nsoon = asyncio.ensure_future(later())",
        "",
    ),
    "task of before is done": ("soon.result()", "7"),
    "figure": (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "<Figure size",
    ),
    "no figure is left": ("plt.get_fignums()", "[]"),
    "history": ("In[1]", "1 + 1"),
    "semicolon": ("5;", ""),
    "exit": ("exit\nquit()", ""),
    "inputs": ("from helpers import check\ncheck.inputs('task')", "{'numbers': [1]}"),
    "check": ("check('task', print)", "the grader checks it"),
    "not the network": (
        "import socket\ns = socket.socket()\ns.connect_ex(('192.0.2.1', 80)) != 0",
        "True",
    ),
    "module": (
        "%%writefile mine.py\nanswer = 42\n",
        "mine.py",
    ),
    "module is imported": ("import mine\nmine.answer", "42"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_cell_prints_what_a_kernel_would(run, name):
    source, said = OUTPUTS[name]
    assert said in printed(run, source)


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("def f(:", "SyntaxError", "invalid syntax"),
        ("input('name? ')", "RuntimeError", "nobody is here to answer"),
        ("import sys; sys.exit(3)", "SystemExit", "3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("await asyncio.sleep('x')", "TypeError", "str"),
        ("%nosuchmagic", "UsageError", "nosuchmagic"),
        ("x = '\ud800'.encode()", "UnicodeEncodeError", "surrogates"),
        ("check.inputs('other')", "LookupError", "no task 'other'; it has task"),
    ],
)
def test_what_a_cell_raises_is_told_and_the_kernel_lives(run, source, kind, text):
    error = run.cell(source)["error"]
    assert error["kind"] == kind
    assert text in error["text"]
    assert "2" in printed(run, "1 + 1")


def test_a_flood_is_cut_where_it_arises(run):
    assert len(printed(run, "for _ in range(3_000): print('x' * 1_000)")) == 4096
    assert printed(run, "!yes | head -c 5000000").count("y") <= 4096
    assert run.cell("import os; os.write(1, b'x' * (3 << 20))")["error"] is None


def test_an_answer_is_found_by_name_and_known_by_its_mark(run):
    assert run.answer("nothing") == {"id": run._number, "found": False}
    printed(run, "def f(): return 1\ng = f")
    first = run.answer("f")
    assert first["found"] and run.answer("f")["mark"] == first["mark"]
    assert run.answer("g")["mark"] == first["mark"]
    printed(run, "def f(): return 1")
    assert run.answer("f")["mark"] != first["mark"]
