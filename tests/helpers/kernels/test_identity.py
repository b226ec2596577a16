import sys

from helpers.kernels.identity import environment, identity

COMMAND = [sys.executable]


def test_an_installation_changes_the_identity(tmp_path, monkeypatch):
    site = tmp_path / "site-packages"
    (site / "course-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(site))
    before = identity(COMMAND, {})
    assert identity(COMMAND, {}) == before
    (site / "course-1.0.dist-info").rename(site / "course-1.1.dist-info")
    assert identity(COMMAND, {}) != before


def test_what_acts_at_import_changes_the_identity():
    plain = environment({"PATH": "/bin"})
    assert identity(COMMAND, plain) == identity(COMMAND, environment({"PATH": "/bin"}))
    threads = environment({"PATH": "/bin", "OMP_NUM_THREADS": "1"})
    assert identity(COMMAND, threads) != identity(COMMAND, plain)
    assert identity([*COMMAND, "-O"], plain) != identity(COMMAND, plain)


def test_what_acts_later_does_not():
    lesson = environment({"PATH": "/bin", "LESSON": "1.1a", "AWS_PROFILE": "work"})
    assert lesson == environment({"PATH": "/bin"})


def test_no_credential_reaches_the_parent():
    secret = {"AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "eu-west-1"}
    variables = environment(secret)
    assert "s" not in variables.values()
    assert variables["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_a_limit_changes_the_identity():
    import resource

    before = identity(COMMAND, {})
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (1 if soft != 1 else 0, hard))
    try:
        assert identity(COMMAND, {}) != before
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
