"""The machine of what runs once: training, processing, transform, tuning jobs."""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, precondition, rule

from tests.localaws.machines.family import Family
from tests.localaws.machines.job import ENDED, FOLLOWS, Job
from tests.localaws.machines.machine import RESTARTED
from tests.localaws.machines.world import Answer, attempt, race, refused, until

WORDS = st.sampled_from(("late", "latest", "night"))
TAGS = st.dictionaries(
    st.sampled_from(("team", "cost")), st.sampled_from(("ops", "")), max_size=2
)
MOST = 6
BLOCKING = 2


class Jobs(Family):
    """Creates, watches, stops and deletes jobs of one family."""

    jobs = Bundle("jobs")

    def room(self) -> bool:
        """Whether another job may be created."""
        return len(self.alive) < MOST

    def may_hang(self) -> bool:
        """Whether another job that does not end by itself leaves slots to others."""
        hanging = [
            job
            for job in self.alive
            if job.kind == "hangs" and not (job.stopping or job.killed)
        ]
        return self.room() and len(hanging) < BLOCKING

    @precondition(lambda self: self.room())
    @rule(target=jobs, word=WORDS, kind=st.sampled_from(("quick", "fails")), tags=TAGS)
    def begin(self, word: str, kind: str, tags: dict[str, str]) -> Job:
        """Create a job that ends by itself."""
        name = self.name(word)
        self.create(name, kind, tags)
        return self.known(name, kind, tags)

    @precondition(lambda self: self.may_hang())
    @rule(target=jobs, word=WORDS)
    def begin_one_that_hangs(self, word: str) -> Job:
        """Create a job that only a stop ends."""
        name = self.name(word)
        self.create(name, "hangs", {})
        return self.known(name, "hangs", {})

    @precondition(lambda self: self.room())
    @rule(target=jobs, word=WORDS)
    def begin_at_once(self, word: str) -> Job:
        """Create one name three times at once: one wins."""
        name = self.name(word)
        calls = [lambda: self.create(name, "quick", {})] * 3
        assert race(*calls, codes=("ResourceInUse",)) == 1
        return self.known(name, "quick", {})

    @rule(job=jobs)
    def begin_again(self, job: Job) -> None:
        """Create a name that is taken."""
        with refused("ResourceInUse", job.name):
            self.create(job.name, "quick", {})

    @rule(verb=st.sampled_from(("describe", "stop", "delete")))
    def name_what_is_not_there(self, verb: str) -> None:
        """Ask for a job that never was."""
        if verb != "delete" or self.removable:
            with refused(self.missing):
                self.call(f"{verb}_{self.stem}", **self.on("nobody"))

    @rule(job=jobs)
    def stop(self, job: Job) -> None:
        """Stop a job: only one that is in progress can be."""
        self.stop_with(job, 1)

    @rule(job=jobs)
    def stop_at_once(self, job: Job) -> None:
        """Stop a job twice at once: at most one call is taken."""
        self.stop_with(job, 2)

    @precondition(lambda self: self.removable)
    @rule(job=consumes(jobs))
    def settle_and_delete(self, job: Job) -> None:
        """Delete a job that has ended: its name is free."""

        def delete() -> Answer:
            return self.call(f"delete_{self.stem}", **self.on(job.name))

        if not job.ended and attempt(delete, "ResourceInUse") is None:
            assert job.kind in self.ends or job.stopping, "deleted while it ran"
        else:
            self.settled(job, stop=True)
            delete()
        self.forget(job)

    @rule(job=jobs, tags=TAGS, gone=st.sampled_from(("team", "cost", "none")))
    def tag(self, job: Job, tags: dict[str, str], gone: str) -> None:
        """Add tags and take one away."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        if pairs:
            self.call("add_tags", ResourceArn=job.arn, Tags=pairs)
        self.call("delete_tags", ResourceArn=job.arn, TagKeys=[gone])
        job.tags |= tags
        job.tags.pop(gone, None)
        self.tagged(job)

    @rule(job=jobs)
    def settle(self, job: Job) -> None:
        """Wait for a job that ends, by itself or since it was stopped."""
        if job.kind in self.ends or job.stopping:
            self.settled(job)

    @rule(
        contains=st.sampled_from((None, "late", "t-", "none")),
        status=st.sampled_from((None, *FOLLOWS)),
        by=st.sampled_from((None, "Name", "CreationTime")),
        order=st.sampled_from((None, "Ascending", "Descending")),
        size=st.sampled_from((1, 2, 100)),
    )
    def look_through(
        self,
        contains: str | None,
        status: str | None,
        by: str | None,
        order: str | None,
        size: int,
    ) -> None:
        """List with filters, in an order, page by page."""
        given = {
            "NameContains": contains,
            "StatusEquals": status,
            "SortBy": by,
            "SortOrder": order,
        }
        given = {name: value for name, value in given.items() if value}
        found = self.listed(f"list_{self.stem}s", 100 if status else size, **given)
        names = [one[f"{self.noun}Name"] for one in found]
        fitting = [j for j in self.alive if not contains or contains in j.name]
        if status:
            assert {one[f"{self.noun}Status"] for one in found} <= {status}
            must = {job.name for job in fitting if job.ended and job.status == status}
            assert must <= set(names) <= {job.name for job in fitting}
            fitting = [job for job in fitting if job.name in names]
        key = by or self.order[0]
        last_first = order == "Descending" if order else self.order[1]
        fitting.sort(
            key=lambda job: job.name if key == "Name" else job.created,
            reverse=last_first,
        )
        assert names == [job.name for job in fitting]

    @invariant()
    def agree(self) -> None:
        """What is listed is described, and neither goes back."""
        found = {
            one[f"{self.noun}Name"]: one for one in self.listed(f"list_{self.stem}s")
        }
        assert found.keys() == {job.name for job in self.alive}
        for job in self.alive:
            summary = found[job.name]
            self.move(job, summary[f"{self.noun}Status"])
            assert summary["CreationTime"] == job.created
            assert summary[f"{self.noun}Arn"] == job.arn
            if job.last[f"{self.noun}Status"] not in ENDED:
                self.see(job, self.describe(job.name))

    def before_death(self) -> None:
        """See every job once more."""
        for job in self.alive:
            self.see(job, self.describe(job.name))

    def after_death(self) -> None:
        """Nothing runs any more, and nothing that was said is lost."""
        for job in self.alive:
            job.killed |= not job.ended
        self.agree()
        for job in self.alive:
            self.see(job, self.describe(job.name))
            assert job.ended, f"{job} outlived its process"
            if job.killed and job.status == "Failed" and job.kind != "fails":
                assert RESTARTED in job.last["FailureReason"]
            self.tagged(job)
        assert self.world.running() == 0

    def finish(self) -> None:
        """End every job; none is left without an end."""
        for job in self.alive:
            self.settled(job, stop=True)
        until(lambda: self.world.running() == 0, "no job runs")
