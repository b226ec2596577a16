"""What every machine has: an empty endpoint, lists that are paged, and a death."""

import sys
import traceback
from collections.abc import Iterator
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.localaws.machines.world import Answer, World, nightly

RESTARTED = "restarted"


class Machine(RuleBasedStateMachine):
    """Begins with an empty endpoint.

    Attributes:
        world: The endpoint.
        mortal: Whether this machine may kill it.
    """

    world: ClassVar[World]
    mortal: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._died = False
        self.world.reset()
        self.prepare()

    def prepare(self) -> None:
        """Store what the family's requests name."""

    def before_death(self) -> None:
        """See everything once more; what is seen then must outlive the kill."""

    def after_death(self) -> None:
        """Compare everything with what was seen before."""

    @precondition(lambda self: self.mortal and not self._died)
    @rule()
    def die(self) -> None:
        """Kill the endpoint and start it again, once an example."""
        self._died = True
        self.before_death()
        self.world.kill()
        self.after_death()

    def teardown(self) -> None:
        """End the example, or show what failed: a replay may not fail so again."""
        failure = sys.exc_info()[1]
        if isinstance(failure, Exception):
            traceback.print_exc()
            print(self.world.log(), file=sys.stderr)
        if failure is not None:
            return
        if self.mortal and not self._died:
            self.die()
        self.finish()

    def finish(self) -> None:
        """Bring what runs to its end."""

    def name(self, word: str) -> str:
        """Return a name that this machine has not used."""
        self._number += 1
        return f"{word}-{self._number}"

    def call(self, name: str, **members: Any) -> Answer:
        """Call a SageMaker operation, and drop what is not the answer."""
        answer = self.world.call(name, **members)
        answer.pop("ResponseMetadata")
        return answer

    def pages(self, name: str, size: int, **members: Any) -> Iterator[list[Answer]]:
        """Yield the pages of a list operation."""
        token: dict[str, str] = {}
        while True:
            answer = self.call(name, MaxResults=size, **members, **token)
            (page,) = (v for k, v in answer.items() if k != "NextToken")
            assert len(page) <= size
            yield page
            if "NextToken" not in answer:
                return
            assert page, "an empty page that is not the last"
            token = {"NextToken": answer["NextToken"]}

    def listed(self, name: str, size: int = 100, **members: Any) -> list[Answer]:
        """Return what a list operation shows, over all its pages."""
        return [item for page in self.pages(name, size, **members) for item in page]


def drive(machine: type[Machine]) -> None:
    """Run a machine, then a few examples of it that kill the endpoint."""
    profile = settings.get_profile("machines-nightly" if nightly() else "machines")
    run_state_machine_as_test(machine, settings=profile)
    kills = machine.world.kills
    mortal = type(f"Mortal{machine.__name__}", (machine,), {"mortal": True})
    few = settings(profile, max_examples=max(2, profile.max_examples // 16))
    run_state_machine_as_test(mortal, settings=few)
    assert machine.world.kills > kills
