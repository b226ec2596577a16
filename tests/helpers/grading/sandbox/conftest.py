import pytest

from helpers.grading.crossing.lines import Gone, Lines
from helpers.grading.sandbox import Warm, choose, preload

TOKEN = "of-the-grader-alone"


@pytest.fixture(scope="session")
def tier():
    """Tier A; a machine without it fails these tests, and skips none."""
    return choose("full")


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A lab's folder that lies where the wall has an empty folder of its own."""
    folder = tmp_path_factory.mktemp("lab")
    folder.chmod(0o755)
    (folder / "checks.py").write_text("EXPECTED = 42\n")
    return folder


@pytest.fixture(scope="session")
def warm(tier, lab):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLA_TOKEN", TOKEN)
        with Warm(tier, folder=lab, imports=preload.CANARY) as warm:
            yield warm


class Canary:
    """A room whose role runs what it is told."""

    def __init__(self, pod, room="", patience=20):
        self.pod = pod
        self.lines = Lines(pod.spawn("canary", {}, room=room), 1 << 24)
        self.patience = patience

    def run(self, code):
        """Give the whole answer, an error too."""
        self.lines.send({"code": code})
        return self.lines.receive(self.patience)

    def __call__(self, code):
        told = self.run(code)
        assert "error" not in told, told["error"]
        return told["answer"]

    def ends(self, code):
        """Whether the role is gone after it ran this."""
        self.lines.send({"code": code})
        with pytest.raises(Gone):
            while True:
                self.lines.receive(self.patience)
        return True


@pytest.fixture(scope="session")
def canary():
    return Canary
