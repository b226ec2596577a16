"""A JupyterLab of the project's environment, and a browser to look at it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, sync_playwright

BROWSERS = ("chromium", "google-chrome", "chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "labconfig/page_config.json": {
        "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}
    },
    # Otherwise the page holds only the cells in view.
    "lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {
        "windowingMode": "none"
    },
}
START_SECONDS = 60


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its folder of notebooks, its address, its token."""

    folder: Path
    url: str
    token: str


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A learner's JupyterLab, with stock kernels and an endpoint of its own."""
    for name in ("config", "data", "runtime", "notebooks", "localaws"):
        (tmp_path / name).mkdir(mode=0o700)
    for name, content in SETTINGS.items():
        path = tmp_path / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME", raising=False)
    for name in ("config", "data", "runtime"):
        monkeypatch.setenv(f"JUPYTER_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("LOCALAWS_HOME", str(tmp_path / "localaws"))
    options = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={tmp_path / 'notebooks'}",
    ]
    with (tmp_path / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        where = _address(tmp_path, server)
        yield Lab(tmp_path / "notebooks", where["url"], where["token"])
    finally:
        family = psutil.Process(server.pid).children(recursive=True)
        server.terminate()
        server.wait(START_SECONDS)
        for process in psutil.wait_procs(family, timeout=10)[1]:
            process.kill()
        stop = [sys.executable, "-m", "localaws", "stop"]
        subprocess.run(stop, check=False, stdout=subprocess.DEVNULL)


def _address(home: Path, server: subprocess.Popen) -> dict:
    written = home / "runtime" / f"jpserver-{server.pid}.json"
    deadline = time.monotonic() + START_SECONDS
    while not written.exists() or not written.stat().st_size:
        log = (home / "lab.log").read_text()
        assert server.poll() is None and time.monotonic() < deadline, log
        time.sleep(0.05)
    return json.loads(written.read_text())


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page of headless Chromium; without one a skip, in CI a failure."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        message = "no Chromium here: on Debian, `apt install chromium`"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=browser,
            headless=True,
            args=FLAGS,
            viewport={"width": 1280, "height": 1600},
        )
        yield context.pages[0]
        context.close()
