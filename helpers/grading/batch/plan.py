"""What a run grades, by what and with which seed: the same if it is taken up again."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.grading.batch import ending

if TYPE_CHECKING:
    from helpers.grading.lab import Lab

FILE = "run.json"
SEED_BITS = 60
NAMED = 5


@dataclass(frozen=True)
class Plan:
    """One run.

    Attributes:
        lab: its name.
        lab_digest: of its cells and checks.
        seed: draws the hidden cases; the same for each submission.
        isolation: full or reduced.
        cell_seconds: the time of one cell; None for the usual.
        submissions: digests by key.
    """

    lab: str
    lab_digest: str
    seed: int
    isolation: str
    cell_seconds: float | None
    submissions: dict[str, str]

    def differences(self, before: "Plan") -> list[str]:
        """Say what is not as it was."""
        return list(self._differences(before))

    def _differences(self, before: "Plan") -> Iterator[str]:
        if self.lab != before.lab:
            yield f"the lab was {before.lab}, and is {self.lab}"
        elif self.lab_digest != before.lab_digest:
            yield f"the lab {self.lab} has changed"
        if self.seed != before.seed:
            yield f"the seed was {before.seed}, and is {self.seed}"
        if self.isolation != before.isolation:
            yield f"the isolation was {before.isolation}, and is {self.isolation}"
        if self.cell_seconds != before.cell_seconds:
            yield f"--cell-seconds was {before.cell_seconds}: now {self.cell_seconds}"
        now, then = self.submissions, before.submissions
        for word, keys in (
            ("new", now.keys() - then.keys()),
            ("gone", then.keys() - now.keys()),
            ("changed", {key for key in now if then.get(key, now[key]) != now[key]}),
        ):
            if keys:
                some = ", ".join(sorted(keys)[:NAMED])
                more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
                yield f"submissions that are {word}: {some}{more}"


def drawn() -> int:
    """Draw a seed that nobody finds by trial."""
    return secrets.randbits(SEED_BITS)


def digest(lab: "Lab") -> str:
    """Give a digest of all of a lab that bears on a grade."""
    return hashlib.sha256(repr((asdict(lab), _checks(lab))).encode()).hexdigest()


def read(out: Path) -> Plan | None:
    """Read the plan of the run in a folder; None if there is none.

    Raises:
        Ended: if it is damaged.
    """
    path = out / FILE
    if not path.exists():
        return None
    try:
        return Plan(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError):
        raise ending.refused(f"{path} is damaged; use --fresh") from None


def write(out: Path, plan: Plan) -> None:
    """Write it: whole or not at all."""
    replace(out / FILE, [json.dumps(asdict(plan), indent=1).encode()])


def replace(path: Path, parts: Any) -> None:
    """Put a file in the place of another: whole, or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _checks(lab: "Lab") -> str:
    if not lab.module:
        return lab.source
    folder = Path(__file__).parents[2] / "checks"
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
