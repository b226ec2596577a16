"""HIT types: what HITs of one group have in common."""

from typing import Any

from localaws.limits import limits
from localaws.services.mturk import requirements
from localaws.services.mturk.desk import TYPES, Desk, Members, invalid, letters
from localaws.services.mturk.money import amount

COMMON = (
    *("AutoApprovalDelayInSeconds", "AssignmentDurationInSeconds", "Reward"),
    *("Title", "Keywords", "Description", "QualificationRequirements"),
)


def check_range(name: str, value: int) -> None:
    """Raise unless a number is one that Mechanical Turk takes."""
    least, most = limits("mturk", "ranges")[name]
    if not least <= value <= most:
        raise invalid(
            f"The value '{value}' you specified for {name} is out of range: it must be "
            f"between {least} and {most}."
        )


def register(desk: Desk, given: Members) -> Members:
    """Return the HIT type with some properties; it is made if it is not there."""
    ranges = limits("mturk", "ranges")
    delay = ranges["AutoApprovalDelayInSeconds"][1]
    common: Members = {name: given.get(name) for name in COMMON}
    if common["AutoApprovalDelayInSeconds"] is None:
        common["AutoApprovalDelayInSeconds"] = delay
    for name in ("AutoApprovalDelayInSeconds", "AssignmentDurationInSeconds"):
        check_range(name, common[name])
    for name, most in limits("mturk", "text_lengths").items():
        if len(common[name] or "") > most:
            raise invalid(f"{name} must not be longer than {most} characters.")
    common["Reward"] = str(amount(common["Reward"]))
    common["QualificationRequirements"] = common["QualificationRequirements"] or []
    requirements.check(desk, common["QualificationRequirements"])
    identity = "3" + letters(_spelled(common), 29)
    if desk.get(TYPES, identity) is None:
        desk.put(TYPES, identity, common | {"HITTypeId": identity})
    return desk.find(TYPES, identity, "HITType")


def _spelled(common: dict[str, Any]) -> str:
    return repr(sorted(common.items(), key=lambda item: item[0]))


def _create(desk: Desk, given: Members) -> Members:
    return {"HITTypeId": register(desk, given)["HITTypeId"]}


OPERATIONS = {"CreateHITType": _create}
