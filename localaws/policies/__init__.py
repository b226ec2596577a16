"""IAM policies, evaluated: conditions, variables, boundaries, sessions, resources.

The package knows documents and questions only: neither users nor requests.
"""

from localaws.policies.document import Policy, Statement, parse
from localaws.policies.errors import PolicyError
from localaws.policies.evaluation import decide, weigh
from localaws.policies.question import (
    ANY,
    Decision,
    Match,
    Principal,
    Question,
    Verdict,
)

__all__ = [
    "ANY",
    "Decision",
    "Match",
    "Policy",
    "PolicyError",
    "Principal",
    "Question",
    "Statement",
    "Verdict",
    "decide",
    "parse",
    "weigh",
]
