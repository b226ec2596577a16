"""Amazon EBS: what the types of volumes take, and what volumes cost."""

from typing import Any

from localaws.errors import AwsError
from localaws.limits import limits
from localaws.services.rentals import Costs

Members = dict[str, Any]
_WORDS = {"iops": "iops", "throughputs": "throughput"}


def checked(given: Members) -> Members:
    """Return size, type, IOPS and throughput of a new volume.

    Raises:
        AwsError: The type does not take them.
    """
    kind = given.get("VolumeType", "gp2")
    known = limits("ebs", "types").get(kind)
    if known is None:
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({kind}) for parameter volumeType is invalid.",
        )
    size = given.get("Size")
    if size is None:
        raise AwsError(
            "MissingParameter",
            "The request must contain the parameter size or snapshotId.",
        )
    _range("Volume of {0}GiB is too {1} for volume type " + kind, size, known["sizes"])
    found = {"VolumeType": kind, "Size": size}
    for member, name in (("Iops", "iops"), ("Throughput", "throughputs")):
        value = given.get(member)
        if name not in known:
            if value is not None:
                raise AwsError(
                    "InvalidParameterCombination",
                    f"The parameter {member} is not supported for {kind} volumes.",
                )
        elif value is None and kind != "gp3":
            raise AwsError(
                "MissingParameter",
                f"The request must contain the parameter {member} for {kind} volumes.",
            )
        else:
            found[member] = known[name][0] if value is None else value
            text = f"Volume {_WORDS[name]} of {{0}} is too {{1}}"
            _range(text, found[member], known[name])
    _check_ratios(found, known)
    return found


def _range(text: str, value: float, allowed: list[int]) -> None:
    least, most = allowed
    if value < least:
        said = f"{text.format(value, 'low')}; minimum is {least}."
    elif value > most:
        said = f"{text.format(value, 'high')}; maximum is {most}."
    else:
        return
    raise AwsError("InvalidParameterValue", said)


def _check_ratios(found: Members, known: Members) -> None:
    # what a volume has for nothing is not held against its size
    if "Iops" in found and found["Iops"] > known["iops"][0]:
        ratio = found["Iops"] / found["Size"]
        if ratio > known["iops_per_gib"]:
            raise AwsError(
                "InvalidParameterValue",
                f"Iops to volume size ratio of {ratio:.6f} is too high; maximum is "
                f"{known['iops_per_gib']}",
            )
    if "Throughput" in found:
        ratio = found["Throughput"] / found["Iops"]
        if ratio > known["throughput_per_iops"]:
            raise AwsError(
                "InvalidParameterValue",
                f"Throughput (MiBps) to iops ratio of {ratio:.6f} is too high; maximum "
                f"is {known['throughput_per_iops']:.6f} MiBps per iops.",
            )


def changed(before: Members, given: Members) -> Members:
    """Return size, type, IOPS and throughput of a volume after a modification.

    Raises:
        AwsError: Nothing changes, or the type does not take it.
    """
    wanted = {
        name: given[name]
        for name in ("Size", "VolumeType", "Iops", "Throughput")
        if name in given
    }
    if not wanted:
        raise AwsError(
            "InvalidParameterCombination",
            "Must specify at least one of size, type, iops, throughput.",
        )
    if wanted.get("Size", before["Size"]) < before["Size"]:
        raise AwsError(
            "InvalidParameterValue",
            "New size cannot be smaller than existing size.",
        )
    kind = wanted.get("VolumeType", before["VolumeType"])
    asked = {"VolumeType": kind, "Size": wanted.get("Size", before["Size"])}
    for member in ("Iops", "Throughput"):
        if member in wanted:
            asked[member] = wanted[member]
        elif kind == before["VolumeType"] and kind != "gp2" and member in before:
            asked[member] = before[member]
    return checked(asked)


def costs(found: Members) -> Costs:
    """Return what a volume costs: GiB, and what it has beyond what is included."""
    kind = found["VolumeType"]
    bill: dict[str, tuple[str | None, float | str]] = {
        "ebs-storage": (kind, found["Size"])
    }
    free = limits("ebs", "types")[kind] if kind == "gp3" else {}
    for member, name, usage in (
        ("Iops", "iops", "ebs-iops"),
        ("Throughput", "throughputs", "ebs-throughput"),
    ):
        paid = found.get(member, 0) - (free[name][0] if free else 0)
        if paid > 0:
            bill[usage] = (kind, paid)
    return bill
