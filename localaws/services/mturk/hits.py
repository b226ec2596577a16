"""HITs: tasks that workers see, accept and submit."""

import datetime as dt

from localaws.limits import limit
from localaws.services.mturk import money, questions
from localaws.services.mturk.desk import (
    HITS,
    TYPES,
    Desk,
    Members,
    letters,
    paged,
)
from localaws.services.mturk.hit_types import check_range, register
from localaws.services.mturk.states import shown, tally


def _create(desk: Desk, given: Members) -> Members:
    _once(desk, given)
    return _made(desk, register(desk, given), given)


def _create_of_type(desk: Desk, given: Members) -> Members:
    _once(desk, given)
    return _made(desk, desk.find(TYPES, given["HITTypeId"], "HITType"), given)


def _once(desk: Desk, given: Members) -> None:
    token = given.get("UniqueRequestToken")
    day = dt.timedelta(hours=limit("mturk", "token_hours"))
    for one in desk.all(HITS) if token else ():
        if one["_token"] == token and desk.now < one["CreationTime"] + day:
            raise desk.error(
                "HitAlreadyExists",
                f'The HIT with ID "{one["HITId"]}" already exists.',
            )


def _made(desk: Desk, common: Members, given: Members) -> Members:
    most = given.get("MaxAssignments", 1)
    check_range("MaxAssignments", most)
    check_range("LifetimeInSeconds", given["LifetimeInSeconds"])
    questions.check(desk, given.get("Question"))
    identity, now = desk.identity(HITS), desk.now
    hit = common | {
        "HITId": identity,
        "HITGroupId": "3" + letters(f"group {common['HITTypeId']}", 29),
        "CreationTime": now,
        "Question": given["Question"],
        "MaxAssignments": most,
        "Expiration": now + dt.timedelta(seconds=given["LifetimeInSeconds"]),
        "RequesterAnnotation": given.get("RequesterAnnotation"),
        "_opened": now,
        "_priced_for": most,
        "_token": given.get("UniqueRequestToken"),
        "_extensions": [],
        "_assignments": [],
        "_reviewing": False,
        "_disposed": False,
    }
    money.demand(desk, most * sum(money.cost(hit)))
    desk.put(HITS, identity, hit)
    return {"HIT": shown(desk, hit)}


def find(desk: Desk, given: Members) -> Members:
    """Return the HIT that an input names."""
    return desk.find(HITS, given["HITId"], "HIT")


def _get(desk: Desk, given: Members) -> Members:
    return {"HIT": shown(desk, find(desk, given))}


def _list(desk: Desk, given: Members) -> Members:
    found = [one for one in reversed(desk.all(HITS)) if not one["_disposed"]]
    answer = paged(desk, "HITs", found, given)
    return answer | {"HITs": [shown(desk, one) for one in answer["HITs"]]}


def _list_reviewable(desk: Desk, given: Members) -> Members:
    wanted, kind = given.get("Status", "Reviewable"), given.get("HITTypeId")
    every = [shown(desk, one) for one in reversed(desk.all(HITS))]
    found = [
        one
        for one in every
        if one["HITStatus"] == wanted and kind in (None, one["HITTypeId"])
    ]
    return paged(desk, "HITs", found, given)


def _expire(desk: Desk, given: Members) -> Members:
    hit = find(desk, given)
    if hit["_disposed"]:
        raise desk.state_error("HIT", "Disposed", "Assignable, Unassignable")
    asked = dt.datetime.fromtimestamp(given["ExpireAt"], dt.UTC)
    _may_wait(desk, hit, Expiration=max(asked, desk.now))
    return {}


def _may_wait(desk: Desk, hit: Members, **members: object) -> None:
    """Change a HIT, unless there is no money for what is then open."""
    now, after = desk.now, hit | members
    before = money.owed(hit, tally(desk, hit, now))
    more = money.owed(after, tally(desk, after, now)) - before
    if more > 0:
        money.demand(desk, more)
    desk.change(HITS, hit["HITId"], _opened=now, **members)


def _review(desk: Desk, given: Members) -> Members:
    hit, back = find(desk, given), given.get("Revert", False)
    status = tally(desk, hit, desk.now).status
    wanted = "Reviewing" if back else "Reviewable"
    if status != wanted:
        raise desk.state_error("HIT", status, wanted)
    desk.change(HITS, hit["HITId"], _reviewing=not back)
    return {}


def _delete(desk: Desk, given: Members) -> Members:
    hit = find(desk, given)
    found = tally(desk, hit, desk.now)
    if found.status not in ("Reviewable", "Reviewing") or found.submitted:
        raise desk.state_error("HIT", found.status, "Reviewing, Reviewable")
    desk.change(HITS, hit["HITId"], _disposed=True)
    return {}


def _extend(desk: Desk, given: Members) -> Members:
    hit, more = find(desk, given), given["NumberOfAdditionalAssignments"]
    token = given.get("UniqueRequestToken")
    if token and token in hit["_extensions"]:
        raise desk.error(
            "ExtendHITAlreadyExists", f"The request {token} was made already."
        )
    if hit["_disposed"]:
        raise desk.state_error("HIT", "Disposed", "Assignable, Unassignable")
    after = hit["MaxAssignments"] + more
    check_range("NumberOfAdditionalAssignments", more)
    check_range("MaxAssignments", after)
    many = limit("mturk_fees", "many_assignments")
    if hit["_priced_for"] < many <= after:
        raise desk.error(
            "InvalidMaximumAssignmentsIncrease",
            f"HITs created with fewer than {many} assignments cannot be extended to "
            f"have {many} or more assignments.",
        )
    tokens = [*hit["_extensions"], *([token] if token else [])]
    _may_wait(desk, hit, MaxAssignments=after, _extensions=tokens, _reviewing=False)
    return {}


def _change_type(desk: Desk, given: Members) -> Members:
    hit = find(desk, given)
    common = desk.find(TYPES, given["HITTypeId"], "HITType")
    group = "3" + letters(f"group {common['HITTypeId']}", 29)
    _may_wait(desk, hit, **common, HITGroupId=group)
    return {}


OPERATIONS = {
    "CreateHIT": _create,
    "CreateHITWithHITType": _create_of_type,
    "GetHIT": _get,
    "ListHITs": _list,
    "ListReviewableHITs": _list_reviewable,
    "UpdateExpirationForHIT": _expire,
    "UpdateHITReviewStatus": _review,
    "DeleteHIT": _delete,
    "CreateAdditionalAssignmentsForHIT": _extend,
    "UpdateHITTypeOfHIT": _change_type,
}
