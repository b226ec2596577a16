"""A forked script behaves as `python script.py` does, byte for byte."""

import subprocess
import sys

import pytest

SOURCES = {
    "traceback": """
        def f(): return 1 / 0
        f()
    """,
    "chained": """
        try: {}["a"]
        except KeyError as error: raise ValueError("no a") from error
    """,
    "syntax": "x = = 1",
    "missing import": "import no_such_module",
    "exit none": "import sys; sys.exit()",
    "exit number": "import sys; sys.exit(300)",
    "exit text": "import sys; print('out'); sys.exit('told')",
    "interrupt": "raise KeyboardInterrupt",
    "hook": """
        import sys
        sys.excepthook = lambda kind, error, trace: print("hooked", kind.__name__)
        raise ValueError
    """,
    "atexit": """
        import atexit
        atexit.register(print, "last")
        print("first")
    """,
    "threads": """
        import threading, time
        def late(): time.sleep(0.1); print("thread")
        threading.Thread(target=late).start()
        print("main")
    """,
    "generator": """
        def gen():
            try: yield
            finally: print("closed")
        g = gen(); next(g)
    """,
    "names": """
        import sys
        print(__name__, __file__, __doc__, __spec__, __package__, sys.argv, sys.path[0])
        print(sorted(globals()))
    """,
    "main": """
        import pickle, sys
        class Model: pass
        copy = pickle.loads(pickle.dumps(Model()))
        print(type(copy) is Model, sys.modules["__main__"].Model is Model)
    """,
    "unicode error": "print('\\ud800')",
    "multiprocessing": """
        import multiprocessing
        def double(x): return 2 * x
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(double, [1, 2]))
    """,
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_same_as_python(run, parent, script, environ, source, unbuffered) -> None:
    outcome, lines = run(source, "a", warm=parent, PYTHONUNBUFFERED=unbuffered)
    path = script(source)
    plain = subprocess.run(
        [sys.executable, "train.py", "a"],
        cwd=path.parent,
        env=environ | {"PYTHONUNBUFFERED": unbuffered},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert lines == plain.stdout.splitlines()
    assert outcome.exit_code == plain.returncode


def test_a_missing_script(run, parent, script, environ) -> None:
    from localaws.jobs import Command, Job, Limits

    path = script("").with_name("gone.py")
    outcome = Job(Command(environ, path.parent, path), Limits(), print, parent).run()
    assert outcome.exit_code == 2
    assert outcome.tail == [
        f"{sys.executable}: can't open file '{path}':"
        " [Errno 2] No such file or directory"
    ]


def test_open_files_are_flushed_at_the_end(run, parent, script) -> None:
    source = "f = open('left', 'w'); f.write('all of it')"
    assert run(source, warm=parent)[0].exit_code == 0
    assert script("").with_name("left").read_text() == "all of it"


def test_the_search_path_of_the_user_is_honoured(run, parent, tmp_path) -> None:
    (tmp_path / "theirs.py").write_text("X = 5")
    source = "import theirs, sys; print(theirs.X, sys.path.index(sys.argv[1]))"
    _, lines = run(source, str(tmp_path), warm=parent, PYTHONPATH=str(tmp_path))
    assert lines == ["5 1"]


def test_unseeded_random_numbers_differ_between_jobs(run, parent) -> None:
    source = "import numpy, random; print(numpy.random.rand(), random.random())"
    first, second = (run(source, warm=parent)[1][0] for _ in range(2))
    assert set(first.split()).isdisjoint(second.split())


def test_the_keepers_descriptors_are_closed(run, parent) -> None:
    source = "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:4])"
    assert run(source, warm=parent)[1] == ["[0, 1, 2, 3]"]


def test_temporary_files_go_where_the_job_says(run, parent, tmp_path) -> None:
    source = "import tempfile; print(tempfile.gettempdir())"
    assert run(source, warm=parent, TMPDIR=str(tmp_path))[1] == [str(tmp_path)]
