"""What holds for all policies."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localaws import policies
from localaws.policies import Principal, Question

ACCOUNT = "123456789012"
ADA = Principal(f"arn:aws:iam::{ACCOUNT}:user/ada", ACCOUNT, "user")
WORK = Principal(
    f"arn:aws:iam::{ACCOUNT}:role/work",
    ACCOUNT,
    "role",
    session=f"arn:aws:sts::{ACCOUNT}:assumed-role/work/x",
)
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
PLACES = ("arn:aws:s3:::a/x", "arn:aws:s3:::b/y", "arn:aws:s3:::b/${aws:username}")
VALUES = st.sampled_from(("ada", "bob", "1", "true"))
conditions = st.dictionaries(
    st.sampled_from(
        (
            "StringEquals",
            "StringNotEqualsIfExists",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotEquals",
            "NumericLessThan",
            "Null",
        )
    ),
    st.dictionaries(
        st.sampled_from(("aws:username", "s3:prefix", "aws:x")),
        st.lists(VALUES, min_size=1, max_size=2),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)
contexts = st.dictionaries(
    st.sampled_from(("aws:username", "s3:prefix", "aws:x")),
    st.lists(VALUES, max_size=2).map(tuple),
)
named = st.sampled_from(
    ("*", {"AWS": ADA.arn}, {"AWS": ACCOUNT}, {"AWS": WORK.arn}, {"AWS": WORK.session})
)


@st.composite
def statements(draw: st.DrawFn, *, resource: bool = False) -> dict[str, Any]:
    """Draw a statement."""
    made: dict[str, Any] = {
        "Effect": draw(st.sampled_from(("Allow", "Deny"))),
        draw(st.sampled_from(("Action", "NotAction"))): draw(
            st.lists(st.sampled_from((*ACTIONS, "s3:*", "s3:?etObject")), min_size=1)
        ),
        draw(st.sampled_from(("Resource", "NotResource"))): draw(
            st.lists(st.sampled_from((*PLACES, "*", "arn:aws:s3:::b/*")), min_size=1)
        ),
        "Condition": draw(conditions),
    }
    if resource:
        made[draw(st.sampled_from(("Principal", "NotPrincipal")))] = draw(named)
    return made


def documents(*, resource: bool = False, least: int = 1) -> Any:
    """Return a strategy of policies."""
    many = st.lists(statements(resource=resource), min_size=least, max_size=3)
    return many.map(lambda made: {"Version": "2012-10-17", "Statement": made})


PROVED = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=50,
    suppress_health_check=list(HealthCheck),
)
questions = st.builds(
    Question, st.sampled_from(ACTIONS), st.sampled_from(PLACES[:2]), contexts
)
askers = st.sampled_from((ADA, WORK))
identities = st.lists(documents(), max_size=2)
resources = st.none() | documents(resource=True)


@PROVED
@given(questions, askers, identities, resources, documents())
def test_a_deny_stays_one_whatever_is_added(
    question: Question, who: Principal, identity: Any, resource: Any, more: Any
) -> None:
    before = policies.decide(question, who, identity, resource)
    after = policies.decide(question, who, [*identity, more], resource)
    if before.kind == "explicitDeny":
        assert after.kind == "explicitDeny"
    assert (after.kind == "explicitDeny") == any(
        match.effect == "Deny" for match in after.matches
    )


@PROVED
@given(questions, askers, identities, resources, documents(), documents())
def test_boundaries_and_sessions_only_take(
    question: Question,
    who: Principal,
    identity: Any,
    resource: Any,
    boundary: Any,
    session: Any,
) -> None:
    free = policies.decide(question, who, identity, resource)
    bound = policies.decide(question, who, identity, resource, boundary, session)
    assert free.allowed or not bound.allowed


@PROVED
@given(questions, askers, identities, resources)
def test_nothing_is_allowed_without_an_allow(
    question: Question, who: Principal, identity: Any, resource: Any
) -> None:
    found = policies.decide(question, who, identity, resource)
    effects = {match.effect for match in found.matches}
    if found.allowed:
        assert effects == {"Allow"}
    if not effects:
        assert found.kind == "implicitDeny"


@PROVED
@given(questions, askers, identities, resources)
def test_the_order_of_policies_does_not_matter(
    question: Question, who: Principal, identity: Any, resource: Any
) -> None:
    one = policies.decide(question, who, identity, resource)
    turned = [
        {**document, "Statement": document["Statement"][::-1]}
        for document in identity[::-1]
    ]
    assert policies.decide(question, who, turned, resource).kind == one.kind


@PROVED
@given(questions, askers, identities, documents(resource=True))
def test_another_account_is_never_easier(
    question: Question, who: Principal, identity: Any, resource: Any
) -> None:
    far = Question(question.action, question.resource, question.context, "111122223333")
    if policies.decide(far, who, identity, resource).allowed:
        assert policies.decide(question, who, identity, resource).allowed
