"""Qualification types of the requester, and the workers who have them."""

from localaws.limits import limits
from localaws.services.mturk.crowd import worker
from localaws.services.mturk.desk import (
    HITS,
    QUALIFICATION_TYPES,
    QUALIFICATIONS,
    Desk,
    Members,
    invalid,
    paged,
)
from localaws.services.mturk.states import shown

_SHOWN = ("Name", "Keywords", "Description", "QualificationTypeStatus")


def _create(desk: Desk, given: Members) -> Members:
    name = given["Name"]
    if any(one["Name"] == name for one in desk.all(QUALIFICATION_TYPES)):
        raise desk.error(
            "QualificationTypeAlreadyExists",
            "You have already created a QualificationType with this name. A "
            "QualificationType's name must be unique among all of the "
            "QualificationTypes created by the same user.",
        )
    identity = desk.identity(QUALIFICATION_TYPES)
    document = {member: given.get(member) for member in _SHOWN} | {
        "QualificationTypeId": identity,
        "CreationTime": desk.now,
        "IsRequestable": False,
        "AutoGranted": False,
    }
    desk.put(QUALIFICATION_TYPES, identity, document)
    return {"QualificationType": document}


def _find(desk: Desk, given: Members) -> Members:
    kind = given["QualificationTypeId"]
    return desk.find(QUALIFICATION_TYPES, kind, "QualificationType")


def _get(desk: Desk, given: Members) -> Members:
    system = {one["QualificationTypeId"]: one for one in _systems(desk)}
    kind = given["QualificationTypeId"]
    return {"QualificationType": system.get(kind) or _find(desk, given)}


def _systems(desk: Desk) -> list[Members]:
    masters = limits("mturk", "masters")[0 if desk.sandbox else 1]
    return [
        {
            "QualificationTypeId": kind,
            "Name": name,
            "QualificationTypeStatus": "Active",
            "IsRequestable": False,
        }
        for kind, name in limits("mturk", "system_qualifications").items()
        if kind != masters
    ]


def _list(desk: Desk, given: Members) -> Members:
    found = desk.all(QUALIFICATION_TYPES)
    if not given.get("MustBeOwnedByCaller"):
        found = [*_systems(desk), *found]
    if given["MustBeRequestable"]:
        found = [one for one in found if one["IsRequestable"]]
    words = given.get("Query", "").lower()
    members = ("Name", "Keywords", "Description")
    found = [
        one
        for one in found
        if any(words in (one.get(member) or "").lower() for member in members)
    ]
    return paged(desk, "QualificationTypes", found, given)


def _update(desk: Desk, given: Members) -> Members:
    _find(desk, given)
    members = ("Description", "QualificationTypeStatus")
    changed = {name: given[name] for name in members if name in given}
    kind = given["QualificationTypeId"]
    return {"QualificationType": desk.change(QUALIFICATION_TYPES, kind, **changed)}


def _delete(desk: Desk, given: Members) -> Members:
    _find(desk, given)
    desk.drop(QUALIFICATION_TYPES, given["QualificationTypeId"])
    return {}


def _list_hits(desk: Desk, given: Members) -> Members:
    kind = given["QualificationTypeId"]
    if kind not in limits("mturk", "system_qualifications"):
        _find(desk, given)
    found = [
        one
        for one in reversed(desk.all(HITS))
        if not one["_disposed"]
        and any(
            asked["QualificationTypeId"] == kind
            for asked in one["QualificationRequirements"]
        )
    ]
    answer = paged(desk, "HITs", found, given)
    return answer | {"HITs": [shown(desk, one) for one in answer["HITs"]]}


def _associate(desk: Desk, given: Members) -> Members:
    kind = _find(desk, given)
    if kind["QualificationTypeStatus"] != "Active":
        raise invalid(f"QualificationType {kind['QualificationTypeId']} is not active.")
    worker(desk, given["WorkerId"])
    document = {
        "QualificationTypeId": given["QualificationTypeId"],
        "WorkerId": given["WorkerId"],
        "GrantTime": desk.now,
        "IntegerValue": given.get("IntegerValue", 1),
        "Status": "Granted",
    }
    desk.put(QUALIFICATIONS, _key(given), document)
    return {}


def _key(given: Members) -> str:
    return f"{given['QualificationTypeId']} {given['WorkerId']}"


def _granted(desk: Desk, given: Members) -> Members:
    _find(desk, given)
    found = desk.get(QUALIFICATIONS, _key(given))
    if found is None:
        raise desk.error(
            "QualificationDoesNotExist",
            f"Worker {given['WorkerId']} does not have the Qualification "
            f"{given['QualificationTypeId']}.",
        )
    return found


def _score(desk: Desk, given: Members) -> Members:
    return {"Qualification": _granted(desk, given)}


def _disassociate(desk: Desk, given: Members) -> Members:
    _granted(desk, given)
    desk.change(QUALIFICATIONS, _key(given), Status="Revoked")
    return {}


def _list_workers(desk: Desk, given: Members) -> Members:
    _find(desk, given)
    wanted = given.get("Status", "Granted")
    found = [
        one
        for one in desk.all(QUALIFICATIONS)
        if one["QualificationTypeId"] == given["QualificationTypeId"]
        and one["Status"] == wanted
    ]
    return paged(desk, "Qualifications", found, given)


OPERATIONS = {
    "CreateQualificationType": _create,
    "GetQualificationType": _get,
    "ListQualificationTypes": _list,
    "UpdateQualificationType": _update,
    "DeleteQualificationType": _delete,
    "ListHITsForQualificationType": _list_hits,
    "AssociateQualificationWithWorker": _associate,
    "DisassociateQualificationFromWorker": _disassociate,
    "GetQualificationScore": _score,
    "ListWorkersWithQualificationType": _list_workers,
}
