"""Model servers beside the toolkits that serve in AWS's framework images."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from localaws.jobs import ModelLoadError, ModelServer, WarmParent, Workspace
from tests.oracles.conversation import Answer, Oracle

MODEL = """
import numpy as np

class Model:
    def predict(self, data):
        print(type(data).__name__, data.dtype, data.shape)
        return data.sum(axis=-1)

def model_fn(model_dir):
    return Model()
"""
ASIS = """
def predict_fn(data, model):
    return data
"""
JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
Ask = Callable[[bytes, str, str], tuple[Answer, Answer]]


@pytest.fixture(scope="module")
def parent() -> Iterator[WarmParent]:
    parent = WarmParent(preload=("numpy", "scipy"))
    yield parent
    parent.close()


@pytest.fixture
def serve(tmp_path: Path, parent: WarmParent) -> Iterator[Callable[..., Ask]]:
    """Serve a script here and there: `serve(source, "containers")` asks both."""
    with ExitStack() as stack:

        def start(source: str, kind: str, **more: str) -> Ask:
            here, there = Workspace(tmp_path / "here"), Workspace(tmp_path / "there")
            for workspace in (here, there):
                folder = workspace.model / "code"
                folder.mkdir(exist_ok=True)
                (folder / "inference.py").write_text(source)
            server = ModelServer(
                here.model,
                env={"PATH": "/usr/bin:/bin", **more},
                program="inference.py",
                algorithm={"containers": None, "inference": "pytorch"}[kind],
                parent=parent,
                publish=here.publish,
            )
            stack.callback(server.close)
            server.start(60)
            oracle = Oracle(kind, there.opt, "inference.py", **more)
            stack.enter_context(oracle)
            assert oracle.error is None

            def ask(body: bytes, kind: str, accept: str) -> tuple[Answer, Answer]:
                ours = server.invoke(body, kind, accept)
                return (ours.status, ours.body, ours.content_type), oracle(
                    body, kind, accept
                )

            return ask

        yield start


def npy(array: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


GOOD = [
    (b"1,2\n3,4", CSV),
    (b"1,2\n3,4\n", CSV),
    (b"1,2", CSV),
    (b"7", CSV),
    (b"1.5,2\n", CSV),
    (b"[[1, 2], [3, 4]]", JSON),
    (b"[1, 2]", JSON),
    (b"3", JSON),
    (npy(np.array([[1, 2], [3, 4]])), NPY),
    (npy(np.array([[0.5, 2]])), NPY),
]
BAD = [
    (b"1,,3", CSV),
    (b"1,2\n3", CSV),
    (b"a,b", CSV),
    (b"{", JSON),
    (b"", JSON),
    (b"\xff", CSV),
    (b"x", NPY),
    (b"1,2", "text/csv; charset=utf-8"),
    (b"1,2", "Text/CSV"),
    (b"1,2", "text/plain"),
    (b"1,2", "application/octet-stream"),
]


def test_defaults_of_the_scikit_learn_image(serve: Callable[..., Ask]) -> None:
    ask = serve(MODEL, "containers")
    for accept in (JSON, CSV, NPY, "*/*", ""):
        for body, kind in GOOD:
            ours, theirs = ask(body, kind, accept)
            if accept == CSV and theirs[0] == 500:
                # one row has one number, which is no table
                assert body in (b"1,2", b"7", b"1.5,2\n", b"[1, 2]", b"3"), theirs
                assert ours[0] == 500
            else:
                assert theirs[0] == 200 or body in (b"7", b"3"), (body, theirs)
                same(ours, theirs)
    for accept in (f"{CSV}, {JSON}", "image/png", "Text/CSV"):
        ours, theirs = ask(b"1,2\n3,4", CSV, accept)
        assert ours[0] == theirs[0] == 500
    for body, kind in BAD:
        ours, theirs = ask(body, kind, JSON)
        assert ours[0] == theirs[0] == 500, (body, kind)


def same(ours: Answer, theirs: Answer) -> None:
    """Hold ours to the toolkit's, but for the page that Flask makes of an error.

    The page says nothing of the error; the endpoint tells its class and text.
    """
    assert ours[0] == theirs[0], (ours, theirs)
    if theirs[0] == 200:
        assert ours == theirs
    else:
        assert b"Internal Server Error" in theirs[1]


def test_what_output_fn_returns(serve: Callable[..., Ask]) -> None:
    own = "def input_fn(data, kind):\n    return data\n"
    output = "def output_fn(prediction, accept):\n    return eval(prediction)\n"
    ask = serve(MODEL + own + ASIS + output, "containers")
    for returned in (
        "(prediction, accept)",
        "(prediction, 'text/csv')",
        "(prediction, 'text/csv; charset=utf-8')",
        "(prediction, 'application/json')",
        "(prediction, 'application/xml')",
        "(prediction.encode(), 'image/png')",
        "prediction",
        "b'bytes'",
        "{'b': 1, 'a': prediction}",
        "7",
        "None",
    ):
        same(*ask(returned.encode(), CSV, "text/x"))
    assert ask(b"'text'", "image/png", "text/x")[0][0] == 200


def test_transform_fn(serve: Callable[..., Ask]) -> None:
    own = (
        "def transform_fn(model, data, kind, accept):\n"
        "    if data == 'bad': raise ValueError('no')\n"
        "    return f'{kind} {data!r} {accept}', accept\n"
    )
    ask = serve(MODEL + own, "containers", SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT=CSV)
    for body, kind, accept in [
        (b"1", CSV, JSON),
        (b"1", "x/y", "*/*"),
        (b"2", JSON, CSV),
    ]:
        ours, theirs = ask(body, kind, accept)
        assert ours == theirs
        assert ours[0] == 200
    same(*ask(b"bad", CSV, JSON))


@pytest.mark.parametrize("kind", ["containers", "inference"])
def test_an_exception_of_each_function(serve: Callable[..., Ask], kind: str) -> None:
    own = (
        "def input_fn(data, kind):\n"
        "    if data == 'input': raise ValueError('of input_fn')\n    return data\n"
        "def predict_fn(data, model):\n"
        "    if data == 'predict': raise KeyError('of predict_fn')\n    return data\n"
        "def output_fn(prediction, accept):\n"
        "    if prediction == 'output': raise OSError('of output_fn')\n"
        "    return prediction, accept\n"
    )
    ask = serve(MODEL + own, kind)
    for body in (b"input", b"predict", b"output"):
        ours, theirs = ask(body, CSV, JSON)
        assert ours[0] == theirs[0] == 500
        assert b"of %s_fn" % body in ours[1]
        if kind == "inference":
            # the traceback below names the files of either
            assert ours[1].split(b"\n")[0] == theirs[1].split(b"\n")[0]
            assert ours[1].split(b"\n")[-2] == theirs[1].split(b"\n")[-2]
    assert ask(b"good", CSV, JSON)[0] == ask(b"good", CSV, JSON)[1]


def test_overrides_of_an_inference_toolkit_image(serve: Callable[..., Ask]) -> None:
    own = (
        "def input_fn(data, kind):\n    return f'{kind} {data!r}'\n"
        "def output_fn(prediction, accept):\n"
        "    if 'tuple' in prediction: return prediction, 'text/csv'\n"
        "    if 'bytes' in prediction: return prediction.encode()\n"
        "    return prediction\n"
    )
    ask = serve(MODEL + own + ASIS, "inference")
    for body in (b"tuple", b"bytes", b"text"):
        for kind in (CSV, JSON, "image/png", "text/csv; charset=utf-8"):
            for accept in (JSON, "*/*", "", "text/x, text/csv"):
                ours, theirs = ask(body, kind, accept)
                assert ours == theirs
                assert ours[0] == 200


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def predict_fn(data, model): return data", "model_fn"),
        (
            MODEL + ASIS + "def transform_fn(model, data, kind, accept): return data",
            "Cannot use transform_fn implementation",
        ),
        ("def model_fn(folder): raise OSError('no weights')", "no weights"),
    ],
)
def test_what_does_not_load(
    tmp_path: Path, parent: WarmParent, source: str, says: str
) -> None:
    workspace = Workspace(tmp_path / "job")
    folder = workspace.model / "code"
    folder.mkdir()
    (folder / "inference.py").write_text(source)
    server = ModelServer(workspace.model, env={"PATH": "/usr/bin:/bin"}, parent=parent)
    try:
        with pytest.raises(ModelLoadError, match=says):
            server.start(60)
    finally:
        server.close()
    with Oracle("containers", workspace.opt, "inference.py") as oracle:
        assert oracle.error is not None
        assert says in oracle.error[1]
