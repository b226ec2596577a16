"""The private `/opt/ml` tree of one job, and the spelling of its paths.

There are no containers, so the literal `/opt/ml` is replaced by the private folder on
the way in (arguments, environment, the user's text files) and put back on the way out
(log lines, failure text). A path that a program puts together from pieces, or keeps in
a binary file, is out of reach: programs should read the SM_* variables.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws.jobs import container, drivers
from localaws.jobs.archive import pack, unpack
from localaws.jobs.contract import Channel, Mount, Resource
from localaws.jobs.disk import used_bytes

_LITERAL = "/opt/ml"
# "/opt/mlflow" and "/data/opt/ml" are other paths
_BEFORE, _AFTER = r"(?<![A-Za-z0-9_.\-])", r"(?![A-Za-z0-9_\-])"
_TEXT_LIMIT = 4 * 2**20


class Workspace:
    """One job's private `/opt/ml`.

    Attributes:
        root: the folder that holds everything of the job.
        opt: the folder that plays `/opt/ml`.
        model: `/opt/ml/model`.
        code: `/opt/ml/code`.
        output: `/opt/ml/output` (`output/data`, `output/failure`).
        checkpoints: `/opt/ml/checkpoints`.
        mounts: folders that the job sees as channels.
    """

    def __init__(self, root: Path) -> None:
        """Make the tree under `root`."""
        self.root = root.resolve()
        self.opt = self.root / "ml"
        self.model = self.opt / "model"
        self.code = self.opt / "code"
        self.output = self.opt / "output"
        self.checkpoints = self.opt / "checkpoints"
        self.mounts: list[Mount] = []
        self._config = self.opt / "input" / "config"
        self._data = self.opt / "input" / "data"
        for folder in (self.model, self.code, self.checkpoints, self._config):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self._data, self.output / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        private = re.escape(str(self.opt))
        # the private spelling first: where it holds the literal it must stay whole
        self._inward = re.compile(f"{private}{_AFTER}|{_BEFORE}{_LITERAL}{_AFTER}")
        self._outward = re.compile(f"{private}{_AFTER}")

    def channel(self, name: str) -> Path:
        """The folder of one input channel, made if need be."""
        folder = self._data / name
        folder.mkdir(exist_ok=True)
        return folder

    def localise(self, text: str) -> str:
        """Spell the `/opt/ml` paths in `text` with the private folder; idempotent."""
        return self._inward.sub(lambda _: str(self.opt), text)

    def publish(self, text: str) -> str:
        """Spell the private folder in `text` as `/opt/ml`."""
        return self._outward.sub(_LITERAL, text)

    def rewrite(self, tree: Path) -> None:
        """Localise the text files under `tree`, also inside its tar.gz archives.

        Args:
            tree: a folder of code; links, binary files and files over 4 MiB stay.

        Raises:
            ArchiveError: an archive is damaged or unsafe.
        """
        for path in sorted(tree.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            if path.name.endswith((".tar.gz", ".tgz")):
                self._rewrite_archive(path)
            elif path.stat().st_size <= _TEXT_LIMIT:
                self._rewrite_file(path)

    def _rewrite_file(self, path: Path) -> bool:
        content = path.read_bytes()
        if _LITERAL.encode() not in content or b"\0" in content:
            return False
        text = content.decode("utf-8", "surrogateescape")
        path.write_bytes(self.localise(text).encode("utf-8", "surrogateescape"))
        return True

    def _rewrite_archive(self, path: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self.root) as name:
            folder = Path(name)
            unpack(path, folder)
            self.rewrite(folder)
            pack(folder, path)

    def write_config(
        self,
        hyperparameters: Mapping[str, str],
        channels: Mapping[str, Channel],
        resource: Resource,
    ) -> None:
        """Write the three files of `input/config` as AWS does.

        Args:
            hyperparameters: as in CreateTrainingJob: strings.
            channels: channel name to its description.
            resource: the machine.
        """
        local = {key: self.localise(value) for key, value in hyperparameters.items()}
        contents: dict[str, Any] = {
            "hyperparameters.json": local,
            "inputdataconfig.json": container.input_data_config(channels),
            "resourceconfig.json": container.resource_config(resource),
        }
        for name, content in contents.items():
            (self._config / name).write_text(json.dumps(content))

    def environment(
        self,
        hyperparameters: Mapping[str, str],
        channels: Mapping[str, Channel],
        module: str,
        *,
        resource: Resource | None = None,
        job_name: str = "",
        region: str = "us-east-1",
        base: Mapping[str, str] | None = None,
        driven: bool = False,
    ) -> dict[str, str]:
        """The SM_* variables of the framework containers, paths localised.

        Args:
            hyperparameters: as in CreateTrainingJob: strings, JSON-decoded here.
            channels: channel name to its description.
            module: the user's entry point, for instance "train.py".
            resource: the machine; default `Resource()`.
            job_name: name of the job.
            region: the AWS region.
            base: variables to start from (the user's `Environment`, AWS_*).
            driven: as the drivers of the SDK set them, not the toolkit.

        Returns:
            `base` localised, with the SM_* variables on top.
        """
        common: dict[str, Any] = {
            "opt": str(self.opt),
            "hyperparameters": self._local(hyperparameters),
            "channels": channels,
            "resource": resource or Resource(),
            "job_name": job_name,
        }
        if driven:
            variables = drivers.environment(script=module, **common)
        else:
            variables = container.environment(module=module, region=region, **common)
        local = {name: self.localise(value) for name, value in (base or {}).items()}
        return {**local, **variables}

    def arguments(self, hyperparameters: Mapping[str, str]) -> list[str]:
        """The argument list that a framework container gives the script."""
        return container.arguments(self._local(hyperparameters))

    def _local(self, hyperparameters: Mapping[str, str]) -> dict[str, str]:
        return {key: self.localise(value) for key, value in hyperparameters.items()}

    def failure(self) -> str | None:
        """What the job wrote to `/opt/ml/output/failure`; None if nothing."""
        path = self.output / "failure"
        if path.is_symlink() or not path.is_file():
            return None
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_TEXT_LIMIT)
        return self.publish(text) or None

    def used_bytes(self) -> int:
        """Bytes of disk that the tree takes."""
        return used_bytes(self.root)

    def remove(self) -> None:
        """Delete the whole tree, also what the job made unreadable; idempotent."""
        for parent, folders, _ in os.walk(self.root):
            for name in folders:
                path = Path(parent, name)
                if not path.is_symlink():
                    path.chmod(0o700)
        if self.root.exists():
            shutil.rmtree(self.root)
