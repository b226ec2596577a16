"""A run that was killed goes on, and its report is that of one that was not."""

import subprocess
import sys

import pytest

from helpers.grading.batch import ending
from helpers.grading.batch.ending import Ended
from tests.helpers.grading.batch import killed, parts

PLACES = [point.__name__ for point in killed.POINTS]


def test_a_killed_run_goes_on_to_the_same_report(batch, root, lab, tmp_path):
    batch(workers=1)
    whole = parts.timeless(tmp_path / "out")
    command = [
        sys.executable,
        "-m",
        killed.__name__,
        str(lab),
        str(root),
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == [f"{each} 9" for each in PLACES], done.stderr
    counts = {}
    for place in PLACES:
        out, count = tmp_path / place, []

        def counting(work, *rest, count=count):
            count.append(work["submission"])
            return parts.grade(work, *rest)

        assert batch(parts.means(grade=counting), out=out) == []
        assert parts.timeless(out) == whole
        grades = (out / "grades.csv").read_bytes()
        assert grades == (tmp_path / "out" / "grades.csv").read_bytes()
        assert not [each for each in out.iterdir() if each.name.endswith(".new")]
        counts[place] = len(count)
    assert counts == {
        "at_once": 6,
        "in_the_third": 4,
        "in_a_line": 4,
        "before_the_disk_has_it": 4,
        "before_it_is_in_order": 0,
        "before_the_report": 0,
    }


def test_a_line_damaged_in_the_middle_is_not_passed_over(batch, tmp_path):
    batch()
    path = tmp_path / "out" / "results.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1][:-20] + b"\n", *lines[2:]]))
    with pytest.raises(Ended, match="line 2 is damaged") as ended:
        batch()
    assert ended.value.code == ending.REFUSED
