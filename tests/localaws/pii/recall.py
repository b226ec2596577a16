"""How much of the planted data is found: `python -m tests.localaws.pii.recall`.

It prints recall by kind, where four fifths of a span have to be covered by its type,
and precision by type, for the notes of data/samples, for those of another seed, and
for sentences with the other types.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from helpers.passengers import notes, read_notes
from helpers.samples import sample
from localaws.pii.finding import find_each
from tests.localaws.pii.probes import probes

Note = dict[str, Any]
_ENOUGH = 0.8
_OTHER_SEED = 99


def measure(found_in: Iterable[Note]) -> tuple[dict[str, float], dict[str, float]]:
    """Return recall by kind of span, and precision by type.

    Args:
        found_in: Notes with the `text` and its `spans`.
    """
    known = list(found_in)
    hits, wanted, right, told = Counter(), Counter(), Counter(), Counter()
    results = find_each(note["text"] for note in known)
    for note, found in zip(known, results, strict=True):
        for span in note["spans"]:
            wanted[span["kind"]] += 1
            covered = sum(
                max(0, min(end, span["end"]) - max(begin, span["begin"]))
                for kind, begin, end, _ in found
                if kind == span["type"]
            )
            size = span["end"] - span["begin"]
            hits[span["kind"]] += covered >= _ENOUGH * size
        for kind, begin, end, _ in found:
            told[kind] += 1
            right[kind] += any(
                span["type"] == kind and span["begin"] < end and begin < span["end"]
                for span in note["spans"]
            )
    recall = {kind: hits[kind] / count for kind, count in wanted.items()}
    return recall, {kind: right[kind] / count for kind, count in told.items()}


def main() -> None:
    """Print the figures."""
    sets = {
        "data/samples/notes.jsonl": read_notes(sample("notes.jsonl")),
        f"seed {_OTHER_SEED}": notes(seed=_OTHER_SEED),
        "sentences with other types": list(probes()),
    }
    for name, found in sets.items():
        recall, precision = measure(found)
        print(f"{name}: {len(found)} notes")
        for kind, share in sorted(recall.items()):
            print(f"  recall     {kind:24} {share:.3f}")
        for kind, share in sorted(precision.items()):
            print(f"  precision  {kind:24} {share:.3f}")


if __name__ == "__main__":
    main()
