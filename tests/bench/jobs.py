"""A training job against the same script run plainly."""

from collections.abc import Callable

from tests.bench.endpoint import clients, endpoint
from tests.bench.ratio import Plan, Row, alternate, differences, ratios
from tests.bench.work import Jobs, Training, plainly, table


def measure(plan: Plan) -> list[Row]:
    """Measure the start-up and the wall of jobs, with and without the warm parent."""
    rows = table()
    with endpoint() as one, endpoint({"LOCALAWS_WARM": "0"}) as other:
        warm, cold = Jobs(clients(one), rows), Jobs(clients(other), rows)
        # The first job of an endpoint also starts the parent that the next ones share.
        first = warm.train()
        cold.train()
        trained: dict[str, list[Training]] = {"plain": [], "warm": [], "cold": []}

        def side(name: str, run: Callable[[], Training]) -> Callable[[], float]:
            def timed() -> float:
                trained[name].append(run())
                return trained[name][-1].wall

            return timed

        walls = alternate(
            plan.rounds,
            side("warm", warm.train),
            side("cold", cold.train),
            side("plain", lambda: plainly(rows)),
        )
    models = {training.model for runs in trained.values() for training in runs}
    assert len(models) == 1, "job and script made different models"
    starts = [
        tuple(run.start_up for run in runs)
        for runs in zip(trained["warm"], trained["cold"], trained["plain"], strict=True)
    ]
    plain = f"script, {sorted(w[2] for w in walls)[len(walls) // 2]:.2f} s"
    return [
        Row("job, warm: overhead", plain, differences(walls, 0, 2), "s", 0.5),
        Row("job, warm: wall", plain, ratios(walls, 0, 2)),
        Row("job, warm: start to imports", "script", ratios(starts, 0, 2)),
        Row("job, cold: overhead", plain, differences(walls, 1, 2), "s"),
        Row("job, cold: wall", plain, ratios(walls, 1, 2)),
        Row("job, cold: start to imports", "script", ratios(starts, 1, 2)),
        Row("first job of an endpoint: wall", "plain time", [first.wall], "s"),
    ]
