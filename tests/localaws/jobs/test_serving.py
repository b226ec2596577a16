"""Model servers, through their client."""

import json
import signal
import socket
import threading

import psutil
import pytest

from localaws.jobs import (
    ModelLoadError,
    ModelServerError,
)

ECHO = """
import os, time

def model_fn(model_dir):
    print("loading from", model_dir)
    return open(os.path.join(model_dir, "name")).read()

def input_fn(body, content_type):
    return body

def predict_fn(data, model):
    if data == b"raise": raise ValueError(f"no such {model}: {__file__}")
    if data == b"die": os._exit(3)
    if data == b"sleep": time.sleep(60)
    return data

def output_fn(prediction, accept):
    if prediction == b"wrong": return ["not", "bytes"]
    return prediction, accept
"""


@pytest.mark.parametrize("where", ["warm", "cold"])
def test_answers_and_logs(serve, log, parent, where) -> None:
    server = serve(ECHO, parent=parent if where == "warm" else None)
    answer = server.invoke(b"hello", "application/x", "application/y")
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.content_type == "application/y"
    assert server.alive()
    server.close()
    assert log == ["loading from /opt/ml/model"]


def test_big_bodies_pass(serve) -> None:
    body = bytes(6_000_000)
    assert serve(ECHO).invoke(body, "application/x").body == body


def test_an_exception_is_told_and_survived(serve, log) -> None:
    server = serve(ECHO)
    pid = server.pid
    answer = server.invoke(b"raise", "application/x")
    assert answer.status == 500
    assert answer.body == b"ValueError: no such flights: /opt/ml/code/inference.py"
    assert server.invoke(b"next", "application/x").body == b"next"
    assert server.pid == pid
    server.close()
    text = "\n".join(log)
    assert 'File "/opt/ml/code/inference.py", line 12, in predict_fn' in text
    assert "localaws" not in text


def test_a_wrong_type_of_answer_is_told(serve) -> None:
    answer = serve(ECHO).invoke(b"wrong", "application/x")
    assert answer.status == 500
    assert b"must be str or bytes, not list" in answer.body


def test_a_crash_costs_one_request(serve) -> None:
    server = serve(ECHO)
    first = server.pid
    with pytest.raises(ModelServerError, match=r"crashed .* \(exit code 3\)"):
        server.invoke(b"die", "application/x")
    assert not server.alive()
    assert server.invoke(b"next", "application/x").body == b"next"
    assert server.pid != first


def test_a_server_killed_from_outside_comes_back(serve) -> None:
    server = serve(ECHO)
    process = psutil.Process(server.pid)
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process], timeout=10)
    try:
        assert server.invoke(b"next", "application/x").body == b"next"
    except ModelServerError:
        assert server.invoke(b"next", "application/x").body == b"next"


def test_a_server_that_cannot_come_back_is_told(serve, workspace) -> None:
    server = serve(ECHO)
    (workspace.model / "name").unlink()
    with pytest.raises(ModelServerError):
        server.invoke(b"die", "application/x")
    with pytest.raises(ModelLoadError, match="FileNotFoundError"):
        server.invoke(b"next", "application/x")


def test_too_slow_an_answer(serve) -> None:
    server = serve(ECHO)
    with pytest.raises(ModelServerError, match=r"did not answer within 0\.2 s"):
        server.invoke(b"sleep", "application/x", timeout=0.2)
    assert server.invoke(b"next", "application/x").body == b"next"


def test_requests_side_by_side(serve) -> None:
    server = serve(ECHO)
    answers: list[bytes] = []

    def ask(number: int) -> None:
        for turn in range(20):
            body = f"{number}-{turn}".encode()
            answers.append(body)
            assert server.invoke(body, "application/x").body == body

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 160


def test_close_leaves_nothing(serve) -> None:
    server = serve("""
import os, subprocess
def model_fn(model_dir):
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    return f"{os.getpid()} {child.pid}"
def transform_fn(model, data, content_type, accept):
    return model
""")
    pids = [int(one) for one in server.invoke(b"", "application/x").body.split()]
    assert all(map(psutil.pid_exists, pids))
    server.close()
    assert not any(map(psutil.pid_exists, pids))
    with pytest.raises(ModelServerError, match="closed"):
        server.invoke(b"")
    server.close()


def test_close_while_it_loads(serve, log) -> None:
    source = "import time\nprint('up')\ndef model_fn(d): time.sleep(60)"
    server = serve(source, start=None)
    failures: list[Exception] = []

    def start() -> None:
        try:
            server.start(60)
        except ModelLoadError as error:
            failures.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    while not log:
        assert thread.is_alive()
    server.close()
    thread.join()
    assert [str(one) for one in failures] == ["the model server was closed"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise RuntimeError('no GPU')", "RuntimeError: no GPU"),
        ("x = = 1", "SyntaxError"),
        ("import os; os._exit(4)", "the container exited with 4"),
        ("def model_fn(d): return open(d + '/gone')", "'/opt/ml/model/gone'"),
        ("x = 1", "has no model_fn"),
        (ECHO + "def transform_fn(*a): pass", "Cannot use transform_fn"),
    ],
)
def test_what_cannot_be_loaded(serve, source, message) -> None:
    with pytest.raises(ModelLoadError) as caught:
        serve(source)
    assert message in str(caught.value)
    assert "localaws" not in str(caught.value)


def test_loading_that_takes_too_long(serve) -> None:
    with pytest.raises(
        ModelLoadError, match=r"no answer to /ping within 0\.5 s"
    ) as caught:
        serve("import time\nprint('wait')\ntime.sleep(60)", start=0.5)
    assert caught.value.tail == ["wait"]


def test_no_script_at_all(serve) -> None:
    with pytest.raises(ModelLoadError, match="set SAGEMAKER_PROGRAM"):
        serve(None)


def test_a_named_script_that_is_missing(serve) -> None:
    with pytest.raises(
        ModelLoadError, match=r"'serve\.py' is in none of: /opt/ml/code"
    ):
        serve(ECHO, program="serve.py")


def test_the_script_inside_the_artefact(serve, workspace) -> None:
    (workspace.model / "code").mkdir()
    (workspace.model / "code" / "mine.py").write_text(ECHO)
    server = serve(None, program="mine.py")
    assert server.invoke(b"x", "application/x").body == b"x"


def test_the_users_module_comes_before_a_preloaded_one(serve, workspace) -> None:
    (workspace.code / "joblib.py").write_text("NAME = 'mine'")
    server = serve(
        "import joblib\n"
        "def model_fn(d): return joblib.NAME\n"
        "def transform_fn(m, b, c, a): return m"
    )
    assert server.invoke(b"").body == b"mine"


def test_not_started(serve) -> None:
    server = serve(ECHO, start=None)
    assert (server.alive(), server.pid) == (False, None)
    with pytest.raises(ModelServerError, match="not started"):
        server.invoke(b"")


def test_headers_cannot_be_broken_out_of(serve) -> None:
    with pytest.raises(ModelServerError, match="line break"):
        serve(ECHO).invoke(b"", "text/csv\r\nX-Evil: 1")


RAW = {
    "no secret": (b"GET /ping HTTP/1.1\r\n\r\n", b"403"),
    "wrong secret": (b"GET /ping HTTP/1.1\r\nX-Localaws-Server: x\r\n\r\n", b"403"),
    "not HTTP": (b"hello\r\n\r\n", b"400"),
    "bad header": (b"GET /ping HTTP/1.1\r\nnonsense\r\n\r\n", b"400"),
    "bad length": (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
    "huge": (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"400"),
    "chunked": (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
}


@pytest.mark.parametrize(("request_", "status"), RAW.values(), ids=RAW)
def test_strangers_are_refused(serve, request_, status) -> None:
    server = serve(ECHO)
    connections = psutil.Process(server.pid).net_connections("tcp4")
    (port,) = {one.laddr.port for one in connections if one.status == "LISTEN"}
    (address,) = {one.laddr.ip for one in connections if one.status == "LISTEN"}
    assert address == "127.0.0.1"
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(request_)
        assert sock.recv(1000).startswith(b"HTTP/1.1 " + status)
    assert server.alive()


def test_the_script_and_the_process_list_do_not_see_the_orders(serve) -> None:
    server = serve(
        "import os, sys, json\n"
        "def model_fn(d): return None\n"
        "def transform_fn(m, b, c, a): return json.dumps([dict(os.environ), sys.argv])",
        parent=None,
    )
    environ, argv = json.loads(server.invoke(b"").body)
    assert "LOCALAWS_SERVER" not in environ
    assert len(argv) == 1
    assert "model_dir" not in " ".join(psutil.Process(server.pid).cmdline())
