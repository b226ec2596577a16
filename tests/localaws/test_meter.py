import threading
from pathlib import Path

import pytest
import yaml

import localaws.meter
from localaws.meter import Meter, as_of, left_running, price_of

PRICES = yaml.safe_load(
    Path(localaws.meter.__file__).with_name("prices.yaml").read_text()
)


def test_training_is_billed_by_the_second():
    meter = Meter()
    meter.add("training", 90, instance="ml.m5.large", resource="late-flights")
    (line,) = meter.bill()
    assert line["service"] == "Amazon SageMaker AI"
    assert line["usage"] == "Training ml.m5.large"
    assert line["resource"] == "late-flights"
    assert (line["quantity"], line["unit"], line["unit_price"]) == (
        0.025,
        "hours",
        0.115,
    )
    assert line["cost"] == pytest.approx(0.025 * 0.115)
    assert line["simulated"] is True


def test_usage_of_one_resource_adds_up():
    meter = Meter()
    for _ in range(3):
        meter.add("endpoint", 1200, instance="ml.t2.medium", resource="desk")
    (line,) = meter.bill()
    assert (line["quantity"], line["cost"]) == (1.0, 0.056)


def test_requests_and_storage_have_their_units():
    meter = Meter()
    meter.add("s3-put", 2000)
    meter.add("s3-get", 1_000_000)
    meter.add("s3-storage", 2**30 * 730 * 3600, instance="STANDARD")
    meter.add("logs-bytes", 2**30)
    costs = {line["unit"]: [] for line in meter.bill()}
    for line in meter.bill():
        costs[line["unit"]].append(line["cost"])
    assert costs == {"GB": [0.5], "1,000 requests": [0.4, 0.01], "GB-month": [0.023]}


def test_an_unknown_instance_has_no_cost_and_a_reason():
    meter = Meter()
    meter.add("training", 60, instance="ml.zz9.plural")
    (line,) = meter.bill()
    assert line["cost"] is None
    assert line["unit_price"] is None
    assert "no price for ml.zz9.plural" in line["note"]
    assert left_running("ml.zz9.plural") is None


def test_unknown_usage_has_no_cost_and_a_reason():
    assert price_of("moonlight").value is None
    assert "moonlight" in price_of("moonlight").note


def test_the_bill_says_what_an_unverified_price_rests_on():
    assert price_of("s3-get").note.startswith("unverified: ")


def test_a_verified_price_needs_no_note(monkeypatch):
    row = dict(PRICES["services"][0])
    row["instances"] = {"ml.m5.large": {"price": 1, "verified": True}}
    monkeypatch.setattr(
        localaws.meter, "_prices", lambda: PRICES | {"kinds": {"training": row}}
    )
    assert price_of("training", "ml.m5.large").note == ""


def test_negative_usage_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Meter().add("s3-put", -1)


def test_reset_forgets():
    meter = Meter()
    meter.add("s3-put", 1)
    meter.reset()
    assert meter.bill() == []


def test_the_order_of_lines_is_that_of_their_names():
    one, other = Meter(), Meter()
    calls = [("s3-put", "b"), ("s3-get", "a"), ("s3-put", "a")]
    for kind, resource in calls:
        one.add(kind, 1, resource=resource)
    for kind, resource in reversed(calls):
        other.add(kind, 1, resource=resource)
    assert one.bill() == other.bill()


def test_threads_lose_no_usage():
    meter = Meter()

    def use():
        for _ in range(1000):
            meter.add("s3-get", 1)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.bill()[0]["quantity"] == 8


def test_a_forgotten_endpoint_costs_730_hours():
    assert left_running("ml.m5.large", count=2) == pytest.approx(2 * 730 * 0.115)


def test_the_file_is_dated_and_every_row_has_its_source():
    assert as_of() == f"{PRICES['as_of']}, us-east-1"
    assert PRICES["currency"] == "USD"
    for service in PRICES["services"]:
        assert "ricing" in service["source"]
        for row in service.get("instances", {"": service}).values():
            assert row["price"] > 0
            assert row["verified"] or row["basis"] in PRICES["bases"]


def test_a_verified_price_of_an_instance_says_where_it_was_seen():
    for service in PRICES["services"]:
        for name, row in service.get("instances", {}).items():
            assert not row["verified"] or f":{name}, 202" in row["seen"]


@pytest.mark.parametrize("kind", ["training", "processing", "transform", "endpoint"])
def test_every_kind_of_instance_has_a_price(kind):
    meter = Meter()
    meter.add(kind, 3600, instance="ml.m5.large", resource="late-flights")
    (line,) = meter.bill()
    assert (line["cost"], line["unit"]) == (0.115, "hours")
    assert bool(line["note"]) == (kind == "transform")
