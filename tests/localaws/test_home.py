import os

import pytest

from localaws.home import Connection, DaemonError, Home
from localaws.journal_file import header


def a_connection(home):
    return Connection(
        url="http://127.0.0.1:9",
        port=9,
        pid=1,
        access_key="AKIA",
        secret_key="hush",
        token="hush-too",
        home=str(home.path),
    )


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def test_folder_and_file_are_for_their_owner_alone(home):
    home.publish(a_connection(home))
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert (home.path / "daemon.json").stat().st_mode & 0o777 == 0o600
    assert {p.name for p in home.path.iterdir()} == {"daemon.json"}


def test_what_is_published_is_read(home):
    home.publish(a_connection(home))
    assert home.read() == a_connection(home)


def test_secrets_are_not_shown(home):
    assert "hush" not in repr(a_connection(home))


def test_a_folder_that_others_can_read_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(DaemonError, match=r"asks for .* found .* 755.*\n?.*Do `chmod"):
        Home(tmp_path)


def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.raises(DaemonError, match=f"found uid {owner}"):
        Home(tmp_path)


def test_a_connection_file_that_others_can_read_is_refused(home):
    home.publish(a_connection(home))
    (home.path / "daemon.json").chmod(0o644)
    with pytest.raises(DaemonError, match=r"daemon\.json.*644"):
        home.read()


def test_a_connection_file_that_is_a_link_is_refused(home, tmp_path):
    (tmp_path / "elsewhere").write_text("{}")
    (home.path / "daemon.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DaemonError, match="not a file to trust"):
        home.read()


def test_one_lock_at_a_time(home):
    lock = home.lock()
    assert home.lock() is None
    assert home.held()
    os.close(lock)
    assert not home.held()


def test_clear_leaves_the_journal_alone(home):
    home.publish(a_connection(home))
    home.run.mkdir()
    (home.run / "half-written").touch()
    home.journal.write_bytes(header())
    home.clear()
    home.clear()
    assert list(home.path.iterdir()) == [home.journal]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "http', '{"port": 1}', "\0"])
def test_a_connection_file_that_is_half_written_is_none(home, text):
    """F17."""
    home.publish(a_connection(home))
    (home.path / "daemon.json").write_text(text)
    assert home.read() is None


def test_environment_holds_no_aws_setting(home, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "planted")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("NO_PROXY", "intranet")
    environment = home.environment()
    assert "planted" not in environment.values()
    assert "MPLBACKEND" not in environment
    assert environment["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert environment["AWS_CONFIG_FILE"] == os.devnull
