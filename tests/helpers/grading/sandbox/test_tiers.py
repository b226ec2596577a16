import dataclasses
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from helpers.grading.limits import MIB
from helpers.grading.sandbox import Refused, bubble, choose, seccomp, trials

LINES, COLUMNS = 24, 90
# after the other mounts, which would cover a checkout under /tmp
LEAKING = """#!/bin/bash
words=()
for word in "$@"; do
  if [ "$word" = --remount-ro ]; then words+=(--ro-bind {shown} {shown}); fi
  words+=("$word")
done
exec {bwrap} "${{words[@]}}"
"""
AS_IN_DOCKER = """#!/bin/sh
echo "bwrap: No permissions to create new namespace, likely because the kernel does" >&2
exit 1
"""


@pytest.fixture
def folder():
    """A folder that an ordinary user reaches, as pytest's are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def fake(monkeypatch, folder, script):
    program = folder / "bwrap"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def refusal(requested="full"):
    with pytest.raises(Refused) as caught:
        choose(requested)
    text = str(caught.value)
    assert text.startswith("grade: refused.")
    assert len(text.splitlines()) <= LINES
    assert max(map(len, text.splitlines())) <= COLUMNS
    return text


def test_full_isolation_holds_here(tier):
    assert (tier.name, tier.bwrap) == ("full", shutil.which("bwrap"))


def test_without_bubblewrap(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    text = refusal()
    assert "no bwrap on PATH" in text
    assert "apt-get install bubblewrap" in text


def test_bubblewrap_that_may_not(monkeypatch, tmp_path, folder):
    fake(monkeypatch, folder, AS_IN_DOCKER)
    monkeypatch.setattr("helpers.grading.sandbox.tiers._SIGNS_OF_A_CONTAINER", ("/",))
    (tmp_path / "apparmor").write_text("1\n")
    monkeypatch.setattr(
        "helpers.grading.sandbox.tiers._APPARMOR", tmp_path / "apparmor"
    )
    text = refusal()
    assert "No permissions to create new namespace" in text
    assert "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" in text
    assert "Docker" in text


def test_bubblewrap_that_does_not_isolate(monkeypatch, folder, tier):
    shown = bubble.ROOT / "solutions"
    fake(monkeypatch, folder, LEAKING.format(bwrap=tier.bwrap, shown=shown))
    assert f"files outside: {shown}" in refusal()


def test_limits_that_do_not_bite(monkeypatch):
    weak = dataclasses.replace(
        trials.LIMITS, processes=200, disk_bytes=128 * MIB, memory_bytes=2048 * MIB
    )
    monkeypatch.setattr(trials, "LIMITS", weak)
    text = refusal()
    for words in ("limit of files", "limit of processes", "limit of memory"):
        assert words in text


def test_a_filter_that_lets_through(monkeypatch):
    compiled = seccomp.compiled
    monkeypatch.setattr(
        "helpers.grading.sandbox.seccomp.compiled", lambda room: compiled("service")
    )
    assert "system calls" in refusal()


def test_without_libseccomp(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    seccomp.forget()
    try:
        assert "libseccomp2" in refusal()
    finally:
        seccomp.forget()


def test_reduced_isolation_is_refused_by_name():
    assert "Reduced isolation" in refusal("reduced")
    assert "'none'" in refusal("none")


def test_other_systems(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "Darwin has no namespaces" in refusal()
