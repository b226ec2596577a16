"""One family of jobs: its operations, and what they may answer."""

from typing import ClassVar

from tests.localaws.machines.job import ENDED, Job, reachable
from tests.localaws.machines.machine import Machine
from tests.localaws.machines.world import Answer, race, refused, until


class Family(Machine):
    """Calls the operations of one family and compares what they answer.

    Attributes:
        noun: Such as `TrainingJob`.
        stem: Such as `training_job`.
        missing: Error code of a name that does not exist.
        order: What a list is sorted by, and whether the last comes first.
        removable: Whether there is a Delete operation.
        ends: How each kind of job ends by itself.
        start, end: Members of the description that say when it began and ended.
    """

    noun: ClassVar[str]
    stem: ClassVar[str]
    missing: ClassVar[str] = "ValidationException"
    order: ClassVar[tuple[str, bool]] = ("CreationTime", False)
    removable: ClassVar[bool] = True
    ends: ClassVar[dict[str, str]] = {"quick": "Completed", "fails": "Failed"}
    start: ClassVar[str]
    end: ClassVar[str]

    def __init__(self) -> None:
        self.alive: list[Job] = []
        super().__init__()

    def request(self, name: str, kind: str) -> Answer:
        """Return the members of a Create, but for the name and the tags."""
        raise NotImplementedError

    def check(self, job: Job, found: Answer) -> None:
        """Check what only this family has."""

    def on(self, name: str) -> Answer:
        """Return the member that names a job."""
        return {f"{self.noun}Name": name}

    def describe(self, name: str) -> Answer:
        """Return a job's description."""
        return self.call(f"describe_{self.stem}", **self.on(name))

    def create(self, name: str, kind: str, tags: dict[str, str]) -> Answer:
        """Call the Create operation."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        return self.call(
            f"create_{self.stem}",
            **self.on(name),
            **self.request(name, kind),
            **({"Tags": pairs} if pairs else {}),
        )

    def known(self, name: str, kind: str, tags: dict[str, str]) -> Job:
        """Take a new job into the model."""
        found = self.describe(name)
        job = Job(name, kind, found[f"{self.noun}Arn"], tags)
        self.alive.append(job)
        self.see(job, found)
        others = [one.created for one in self.alive[:-1]]
        assert all(one and one < job.created for one in others), "CreationTime"
        return job

    def stop_with(self, job: Job, count: int) -> None:
        """Stop a job with several calls at once."""
        could = not (job.ended or job.stopping)
        calls = [lambda: self.call(f"stop_{self.stem}", **self.on(job.name))] * count
        taken = race(*calls, codes=("ValidationException",))
        assert taken <= could
        job.stopping |= bool(taken)
        self.see(job, self.describe(job.name))
        assert taken or not could or job.ended, "a running job was not stopped"

    def forget(self, job: Job) -> None:
        """Take a deleted job out of the model."""
        self.alive.remove(job)
        with refused(self.missing):
            self.describe(job.name)

    def tagged(self, job: Job) -> None:
        """Compare a job's tags with the model's."""
        found = self.listed("list_tags", 50, ResourceArn=job.arn)
        assert {tag["Key"]: tag["Value"] for tag in found} == job.tags

    def settled(self, job: Job, stop: bool = False) -> None:
        """Wait for a job's end, after a stop if nothing else ends it."""
        if stop and job.kind not in self.ends and not job.stopping:
            self.stop_with(job, 1)

        def ended() -> bool:
            self.see(job, self.describe(job.name))
            return job.ended

        until(ended, f"the end of {job}")

    def move(self, job: Job, status: str) -> None:
        """Take a status into the model, if it may come after the one before."""
        allowed = reachable(job.status)
        if job.stopping:
            allowed &= {"Stopping", "Stopped"}
        elif job.killed:
            allowed &= {"Failed", *ENDED}
        else:
            own = self.ends.get(job.kind)
            allowed &= {"InProgress", own}
        assert status in allowed, f"{job}: {status}"
        job.status = status

    def see(self, job: Job, found: Answer) -> None:
        """Take a description into the model."""
        self.move(job, found[f"{self.noun}Status"])
        assert found[f"{self.noun}Name"] == job.name
        if job.last.get(f"{self.noun}Status") in ENDED:
            assert found == job.last, "changed after its end"
        job.created = found["CreationTime"]
        assert ("FailureReason" in found) == (job.status == "Failed"), found
        times = [found.get(m) for m in ("CreationTime", self.start, self.end)]
        said = [time for time in times if time]
        assert said == sorted(said), f"times out of order: {found}"
        assert job.ended or self.end not in found, found
        self.check(job, found)
        job.last = found
