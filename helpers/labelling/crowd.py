"""The simulated workers of the endpoint: what is true, and how careful they are."""

import hashlib
from collections.abc import Mapping

from helpers import cloud
from helpers.labelling.endpoint import ask, content


def tell_crowd(
    truth: Mapping[str, str | list[str]],
    *,
    seed: int | None = None,
    workers: int = 40,
    careless: float = 0.1,
) -> str:
    """Tell the endpoint's simulated workers what is true of texts and images.

    They err all the same, each in a way of their own. On AWS, where people look for
    themselves, nothing is told to anybody.

    Args:
        truth: A label, or a list of them, for each text or `s3://` URI.
        seed: Draws another crowd; None leaves it.
        workers: How many there are then.
        careless: Which share of them chooses without looking.

    Returns:
        How many workers know how much.
    """
    if cloud.status()["target"] == "aws":
        return "On AWS people look for themselves: nothing was told."
    told = {_digest(name): label for name, label in truth.items()}
    body: dict[str, object] = {"truth": told}
    if seed is not None:
        body["crowd"] = {"seed": seed, "workers": workers, "careless": careless}
    found = ask("labelling/truth", body)
    return f"{found['workers']} simulated workers; truth known of {found['known']}"


def _digest(name: str) -> str:
    return hashlib.sha256(content(name)).hexdigest()
