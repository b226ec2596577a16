"""The sealed endpoint: what a student's code below it, and beside it, cannot do."""

import socket
import threading
from collections.abc import Iterator

import pytest

LOOK = """
import os
answer = {}
answer["pids"] = sorted(int(one) for one in os.listdir("/proc") if one.isdecimal())
answer["words"] = [open(f"/proc/{pid}/cmdline").read() for pid in answer["pids"]]
answer["desk"] = [sorted(os.listdir(one)) for one in ("/desk", "/desk/home")]
answer["open"] = sorted(os.listdir("/proc/self/fd"))
answer["environ"] = " ".join(os.environ.values())
answer["checks"] = os.listdir("/work/main/helpers/checks") if os.path.isdir("X") else []
"""
REFUSED = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
answer = {}
def asks(name, call):
    try:
        answer[name] = call()
    except BaseException as error:
        answer[name] = f"{type(error).__name__}: {error}"
def held(number):
    if number < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "done"
asks("unmount", lambda: held(libc.umount2(b"/desk", 2)))
asks("mount", lambda: held(libc.mount(b"t", b"/tmp", b"tmpfs", 0, None)))
asks("user", lambda: held(libc.unshare(0x10000000)))
asks("trace", lambda: held(libc.ptrace(16, 1, 0, 0)))
asks("keys", lambda: held(libc.syscall(250, 0, -3, 0)))
asks("memory", lambda: open("/proc/1/mem", "r+b").read(1))
asks("home", lambda: open("/desk/home/journal", "w"))
asks("desk", lambda: os.mkdir("/desk/home/new"))
asks("library", lambda: open("/usr/new", "w"))
asks("kill", lambda: os.kill(1, 9))
asks("alive", lambda: os.path.exists("/proc/1"))
"""
BOUNDS = """
import os, signal, time
answer = {}
children = []
try:
    while len(children) < 1000:
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        children.append(pid)
except OSError as error:
    answer["forks"] = error.strerror
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
for place in ("/tmp", os.getcwd()):
    try:
        with open(f"{place}/large", "wb") as file:
            while file.tell() < 1 << 30:
                file.write(bytes(1 << 20))
    except OSError as error:
        answer[place] = error.strerror
    if os.path.exists(f"{place}/large"):
        os.unlink(f"{place}/large")
"""
OUT = """
import socket
answer = []
for host in HOSTS:
    try:
        with socket.create_connection((host, PORT), 3) as wire:
            wire.sendall(b"out")
        answer.append("out")
    except OSError as error:
        answer.append(error.strerror)
"""
RELAYS = """
topic = client("sns").create_topic(Name="out")["TopicArn"]
answer = []
for host in HOSTS:
    url = f"http://{host}:{PORT}/"
    sns = client("sns")
    told = {"TopicArn": topic, "Protocol": "http", "Endpoint": url}
    answer.append(tried(sns.subscribe, **told))
    answer.append(tried(sns.publish, TopicArn=topic, Message="out"))
    http = {
        "EndpointConfiguration": {"Url": url.replace("http", "https")},
        "S3Configuration": {"RoleARN": role(), "BucketARN": "arn:aws:s3:::out"},
    }
    answer.append(tried(
        client("firehose").create_delivery_stream,
        DeliveryStreamName="out", HttpEndpointDestinationConfiguration=http,
    ))
    events = client("events")
    key = {"ApiKeyName": "a", "ApiKeyValue": "b"}
    answer.append(tried(
        events.create_connection, Name="out", AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": key},
    ))
    answer.append(tried(
        events.create_api_destination, Name="out", HttpMethod="POST",
        ConnectionArn="arn:aws:events:us-east-1:123456789012:connection/out/a",
        InvocationEndpoint=url,
    ))
"""
STOPPED = """
import http.client, os, tempfile
from localaws import daemon
from localaws.home import DaemonError
with tempfile.NamedTemporaryFile("w") as file:
    json.dump(d["student"], file)
    file.flush()
    os.environ["LOCALAWS_CONNECTION"] = file.name
    found = daemon.start()
    answer = [daemon.stop()]
    try:
        answer.append(found.control("POST", "stop"))
    except DaemonError as error:
        answer.append(str(error))
    client("s3").create_bucket(Bucket="forgotten")
    found.control("POST", "clock", {"seconds": 3600})
    answer += [len(found.control("GET", "bill")["lines"]) > 0]
    found.control("POST", "reset")
answer += [client("s3", "prober").list_buckets()["Buckets"]]
answer += [tried(client("s3").list_buckets)]
"""
WITHDRAWN = """
iam = client("iam")
everything = {"Effect": "Deny", "Action": "*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
client("s3").create_bucket(Bucket="kept")
iam.put_user_policy(UserName="learner", PolicyName="no", PolicyDocument=policy)
answer = [tried(client("s3").list_buckets), tried(client("s3", "prober").list_buckets)]
prober = client("iam", "prober")
prober.delete_user_policy(UserName="learner", PolicyName="no")
key = d["student"]["access_key"]
client("iam").delete_access_key(UserName="learner", AccessKeyId=key)
answer += [tried(client("s3").list_buckets)]
names = [one["Name"] for one in client("s3", "prober").list_buckets()["Buckets"]]
answer += names
"""
KILLED = """
ended = inside("import os, time; os.kill(1, 15); time.sleep(30)")
answer = [str(ended)]
for again in range(2):
    answer.append(tried(
        client("lambda").invoke, FunctionName="inside", Payload='{"code": ""}'
    ))
answer.append(tried(client("s3", "prober").list_buckets))
"""


@pytest.fixture
def listener() -> Iterator[tuple[list[str], int, list[bytes]]]:
    """Listen outside of every namespace: addresses, port, what has arrived."""
    heard: list[bytes] = []
    with socket.create_server(("0.0.0.0", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    wire, _ = server.accept()
                except OSError:
                    return
                with wire:
                    heard.append(wire.recv(100))

        threading.Thread(target=accept, daemon=True).start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            own = probe.getsockname()[0]
        yield [own, "127.0.0.1"], server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)


def test_code_below_it_sees_its_work_and_no_trace_of_it(sealed) -> None:
    found = sealed.inside(LOOK)
    assert found["desk"] == [
        ["home"],
        ["filesystems", "flink", "kafka", "rds", "run"],
    ]
    assert len(found["pids"]) < 8
    assert not any("bwrap" in words for words in found["words"])
    told = sealed.told
    secrets = [told[who][name] for who in ("student", "prober") for name in ("token",)]
    secrets += [told["student"]["secret_key"], told["prober"]["secret_key"]]
    assert not any(one in found["environ"] for one in secrets)


def test_code_below_it_has_no_power_over_it(sealed) -> None:
    found = sealed.inside(REFUSED)
    assert found.pop("alive") is True
    found.pop("kill")
    assert all("Error: [Errno" in answer for answer in found.values()), found
    answer = sealed.run('answer = tried(client("s3").list_buckets)')
    assert answer == "done"


def test_processes_and_files_below_it_have_a_bound(sealed) -> None:
    found = sealed.inside(BOUNDS)
    assert found.pop("forks") == "Resource temporarily unavailable"
    assert len(found) == 2
    assert set(found.values()) <= {"No space left on device", "File too large"}
    assert (
        sealed.run('answer = tried(client("s3").create_bucket, Bucket="room")')
        == "done"
    )


def test_nothing_leaves(sealed, listener) -> None:
    hosts, port, heard = listener
    given = f"HOSTS, PORT = {hosts!r}, {port}\n"
    assert "out" not in sealed.inside(given + OUT)
    assert "out" not in sealed.run(given + OUT)
    assert len(sealed.run(given + RELAYS)) == 10
    assert heard == []


def test_a_student_resets_his_endpoint_and_does_not_stop_it(opened) -> None:
    own = opened()
    stopped, refused, billed, *then = own.run(STOPPED)
    assert stopped is False
    assert "not the learner's to stop" in refused
    assert billed
    assert then == [[], "done"]
    assert own.pod.ended("endpoint") is None


def test_the_examiner_keeps_what_the_student_may_lose(opened) -> None:
    denied, allowed, unknown, *names = opened().run(WITHDRAWN)
    assert "AccessDenied" in denied
    assert allowed == "done"
    assert "InvalidAccessKeyId" in unknown or "InvalidClientTokenId" in unknown
    assert names == ["kept"]


def test_a_keeper_that_is_ended_is_missed_and_not_replaced(opened) -> None:
    own = opened()
    _, *refused, last = own.run(KILLED)
    assert all("sealed endpoint was killed" in one for one in refused), refused
    assert last == "done"
    assert own.pod.ended("endpoint") is None
