import random
from collections import Counter

import pytest

from localaws.errors import ValidationError
from localaws.labelling.crowd import Crowd
from localaws.labelling.pool import Worker, digest, pool

SKIES = ("clear", "cloud", "rain")


class Owner:
    """Holds a journal that remembers its records."""

    def __init__(self):
        self.journal = self
        self.records = []

    def record(self, kind, payload, body=b""):
        self.records.append((kind, payload))


def shares(worker, truth, times=2000):
    found = Counter(worker.label(f"task {n}", truth, SKIES) for n in range(times))
    return {sky: found[sky] / times for sky in SKIES}


def test_a_worker_errs_by_a_confusion_matrix_of_their_own():
    for number in range(5):
        worker = Worker(7, number, careless=False)
        row = worker.row("rain", SKIES)
        assert sum(row) == pytest.approx(1)
        assert row[2] >= 0.5
        seen = shares(worker, "rain")
        assert [seen[sky] for sky in SKIES] == pytest.approx(row, abs=0.05)
    rows = {tuple(Worker(7, n, careless=False).row("rain", SKIES)) for n in range(5)}
    assert len(rows) == 5


def test_who_is_careless_does_not_look():
    worker = Worker(7, 0, careless=True)
    for sky in shares(worker, "rain").values():
        assert sky == pytest.approx(1 / 3, abs=0.05)
    assert worker.seconds("a task") < 20


def test_a_seed_decides_everything():
    drawn = [
        [
            (w.worker_id, w.careless, w.label("t", "rain", SKIES), w.seconds("t"))
            for w in pool(seed, 30, 0.2)
        ]
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sum(careless for _, careless, *_ in drawn[0]) == 6
    assert len({one for one, *_ in drawn[0]}) == 30


def test_several_labels_are_chosen_one_by_one():
    worker = Worker(3, 1, careless=False)
    found = [worker.labels(f"t{n}", ["rain", "cloud"], SKIES) for n in range(1000)]
    held = {sky: sum(sky in one for one in found) / 1000 for sky in SKIES}
    assert min(held["rain"], held["cloud"]) > 0.45 > held["clear"]
    assert held["clear"] < 0.5


def test_a_truth_that_cannot_be_chosen_is_an_error():
    with pytest.raises(ValueError, match="snow"):
        Worker(1, 1, careless=False).label("t", "snow", SKIES)


def test_a_crowd_knows_what_it_is_told_by_content():
    owner = Owner()
    crowd = Crowd(owner)
    crowd.tell({digest(b"picture"): "rain", digest("text"): ["rain", "cloud"]})
    assert crowd.truth(b"picture") == "rain"
    assert crowd.truth(b"text") == ["rain", "cloud"]
    assert crowd.truth("another") is None
    crowd.reseed(seed=4, workers=5, careless=1.0)
    again = Crowd(Owner())
    for _, payload in owner.records:
        again.restore(payload)
    assert again.workers == crowd.workers
    assert again.truth("text") == ["rain", "cloud"]
    assert all(worker.careless for worker in again.workers)


def test_each_task_has_an_order_of_distinct_workers():
    crowd = Crowd(Owner())
    first = crowd.choose("a", 5)
    assert len(set(first)) == 5
    assert crowd.choose("a", 5) == first != crowd.choose("b", 5)
    assert not set(first) & set(crowd.choose("a", without=first))
    assert len(crowd.choose("a")) == len(crowd.workers) == 40


@pytest.mark.parametrize(
    "given", [{"workers": -1}, {"careless": 2}, {"workers": 10**6}]
)
def test_a_crowd_that_cannot_be_is_refused(given):
    with pytest.raises(ValidationError, match="0 to 1000 workers"):
        Crowd(Owner()).reseed(**given)
    with pytest.raises(ValidationError, match="found 3"):
        Crowd(Owner()).tell({"key": 3})


def test_the_library_of_random_numbers_is_not_disturbed():
    random.seed(1)
    first = random.random()
    random.seed(1)
    Worker(1, 1, careless=False).label("t", "rain", SKIES)
    assert random.random() == first
