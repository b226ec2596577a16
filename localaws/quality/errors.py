"""Why a ruleset is not taken, a rule not held, or a run ended."""

ERROR, RESULT, PLAN = "error.txt", "result.json", "plan.json"


class RulesetError(Exception):
    """A ruleset is not DQDL; the text says where."""


class Refused(Exception):
    """A ruleset asks for something that does not act here.

    Args:
        what: Such as a rule type.
        does: What it does on AWS.
    """

    def __init__(self, what: str, does: str) -> None:
        super().__init__(what)
        self.what, self.does = what, does


class RuleFailed(Exception):
    """A rule cannot hold: a column or a reference is not there."""


class RuleBroken(Exception):
    """A rule cannot be evaluated."""


class RunEnded(Exception):
    """The run cannot go on."""
