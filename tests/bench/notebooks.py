"""The notebooks on forked kernels, against plain scripts and stock kernels.

The CPU of the whole tree of processes counts, endpoints and fork servers included.
A cell that announces a failure catches it, on all sides: a script would end there.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import nbformat

from tests.bench.ratio import Plan, Row, alternate, ratios
from tests.bench.script import as_script, caught
from tests.bench.tree import Step, cost

ROOT = Path(__file__).parents[2]
EPOCH = "2026-01-05T08:00:00Z"
FORKED, STOCK = "mla-forked", "local-provisioner"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
TOOLS = {
    "papermill": [sys.executable, "-m", "papermill", "--no-progress-bar"],
    "nbmake": [*PYTEST, "--nbmake"],
    "nbval": [*PYTEST, "--nbval-lax", "--nbval-current-env"],
}
GOAL = 0.7


class Lane:
    """One way to execute all notebooks: a tool on one kind of kernels, or scripts."""

    def __init__(self, folder: Path, names: list[str], tool: str, kernels: str) -> None:
        self.folder = folder
        self.names = names
        self.tool = tool
        self.kernels = kernels
        self.walls: list[float] = []

    def __call__(self) -> float:
        """Execute all notebooks in turn; return the CPU seconds.

        Raises:
            RuntimeError: If one of them fails.
        """
        with tempfile.TemporaryDirectory(prefix="b-") as place:
            found = cost([self._step(name, Path(place)) for name in self.names], ROOT)
        if any(found.codes):
            failed = dict(zip(self.names, found.codes, strict=True))
            raise RuntimeError(f"{self.tool} on {self.kernels or 'Python'}: {failed}")
        self.walls.append(found.wall)
        return found.cpu

    def _step(self, name: str, place: Path) -> Step:
        home = place / f"home-{name}"
        home.mkdir(mode=0o700)
        environment = {
            "LOCALAWS_HOME": str(home),
            "LOCALAWS_EPOCH": EPOCH,
            "JUPYTER_DEFAULT_PROVISIONER_NAME": self.kernels or STOCK,
            # Fork servers are shared within a lane only, and their start is counted.
            "TMPDIR": str(place),
        }
        notebook = str(self.folder / f"{name}.ipynb")
        if not self.tool:
            return environment, [sys.executable, str(self.folder / f"{name}.py")]
        command = [*TOOLS[self.tool], notebook]
        if self.tool == "papermill":
            command.append(str(self.folder / f"{name}.{self.kernels}.out"))
        return environment, command


def measure(plan: Plan) -> list[Row]:
    """Measure each tool on both kinds of kernels, and the scripts, in turn."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        folder = Path(place)
        names = _prepare(folder)
        lanes = {"script": Lane(folder, names, "", "")}
        for tool in TOOLS:
            for kernels in (FORKED, STOCK):
                lanes[f"{tool} {kernels}"] = Lane(folder, names, tool, kernels)
        used = alternate(max(1, plan.rounds // 2), *lanes.values())
        _compare(folder, names)
    order = list(lanes)
    count = f"{len(names)} notebooks"
    rows = []
    typical = [statistics.median(side) for side in zip(*used, strict=True)]
    for tool in TOOLS:
        forked, stock = (order.index(f"{tool} {kind}") for kind in (FORKED, STOCK))
        floor = ratios(used, forked, 0)
        seconds = (typical[forked], typical[stock], typical[0])
        note = "CPU s: {:.0f} forked, {:.0f} stock, {:.0f} scripts".format(*seconds)
        against = f"{count} as scripts"
        rows += [
            Row(f"{tool}, forked: CPU", against, floor, goal=GOAL, note=note),
            Row(f"{tool}, forked: CPU", f"{tool}, stock", ratios(used, forked, stock)),
            Row(f"{tool}, stock: CPU", against, ratios(used, stock, 0)),
        ]
    return rows


def _prepare(folder: Path) -> list[str]:
    """Write copies that catch announced failures, and scripts of the same code."""
    names = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if "raises-exception" in cell.metadata.get("tags", ()):
                cell.source = caught(cell.source)
                cell.metadata.tags, cell.outputs = [], []
        nbformat.write(notebook, folder / path.name)
        (folder / f"{path.stem}.py").write_text(as_script(notebook))
        names.append(path.stem)
    return names


def _compare(folder: Path, names: list[str]) -> None:
    """Assert that both kinds of kernels showed the same, pictures included."""
    for name in names:
        shown = []
        for kernels in (FORKED, STOCK):
            ran = nbformat.read(folder / f"{name}.{kernels}.out", as_version=4)
            shown.append([cell.get("outputs") for cell in ran.cells])
        assert shown[0] == shown[1], f"{name}: forked and stock kernels differ"
