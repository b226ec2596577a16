"""Texts that are answered at once: what is found, where, and what it costs."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws.daemon import Connection

TEXT = (
    "Hello Paulo Santos. The latest statement for your credit card account "
    "1111-0000-1111-0000 was mailed to 123 Any Street, Seattle, WA 98109."
)
LONG = "Nothing of anybody's is in this line, number after number.\n" * 450


@pytest.fixture
def comprehend(desk: Connection) -> Any:
    return boto3.client("comprehend")


def found(comprehend: Any, text: str) -> list[tuple[str, str]]:
    """Return the types and the pieces that DetectPiiEntities finds."""
    answer = comprehend.detect_pii_entities(Text=text, LanguageCode="en")
    return [
        (one["Type"], text[one["BeginOffset"] : one["EndOffset"]])
        for one in answer["Entities"]
    ]


def test_the_example_of_the_documentation_comes_out(comprehend: Any) -> None:
    answer = comprehend.detect_pii_entities(Text=TEXT, LanguageCode="en")
    places = [
        (one["Type"], one["BeginOffset"], one["EndOffset"])
        for one in answer["Entities"]
    ]
    assert places == [
        ("NAME", 6, 18),
        ("CREDIT_DEBIT_NUMBER", 70, 89),
        ("ADDRESS", 104, 137),
    ]
    assert all(0.5 < one["Score"] <= 1 for one in answer["Entities"])


def test_offsets_count_characters(comprehend: Any) -> None:
    text = "Grüße 🛫 aus Zürich: write to jörg.x@example.com — thanks."
    assert ("EMAIL", "jörg.x@example.com") in found(comprehend, text)


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("My PIN is 4821.", "PIN", "4821"),
        ("Visa, cvv 123, if you need it.", "CREDIT_DEBIT_CVV", "123"),
        ("The card expires 04/27.", "CREDIT_DEBIT_EXPIRY", "04/27"),
        ("Routing number 021000021.", "BANK_ROUTING", "021000021"),
        ("It went to account 123456789012.", "BANK_ACCOUNT_NUMBER", "123456789012"),
        (
            "Pay to GB29 NWBK 6016 1331 9268 19 today.",
            "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
            "GB29 NWBK 6016 1331 9268 19",
        ),
        ("SWIFT NWBKGB2L.", "SWIFT_CODE", "NWBKGB2L"),
        ("key AKIAIOSFODNN7EXAMPLE", "AWS_ACCESS_KEY", "AKIAIOSFODNN7EXAMPLE"),
        (
            "secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_SECRET_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
        ("password: hunter2x!", "PASSWORD", "hunter2x!"),
        ("user name: jdoe42", "USERNAME", "jdoe42"),
        ("I am 40 years old.", "AGE", "40 years"),
        ("VIN 1HGCM82633A004352", "VEHICLE_IDENTIFICATION_NUMBER", None),
        ("license plate 7ABC123", "LICENSE_PLATE", "7ABC123"),
        ("from 00:1B:44:11:3A:B7", "MAC_ADDRESS", "00:1B:44:11:3A:B7"),
        ("see https://a.example.com/x.", "URL", "https://a.example.com/x"),
        ("driver's license D1234567", "DRIVER_ID", "D1234567"),
        ("passport X1234567", "PASSPORT_NUMBER", "X1234567"),
        ("NINO AB 12 34 56 C", "UK_NATIONAL_INSURANCE_NUMBER", "AB 12 34 56 C"),
        ("NHS 943 476 5919", "UK_NATIONAL_HEALTH_SERVICE_NUMBER", "943 476 5919"),
        ("ITIN 912-78-1234", "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", None),
        ("Aadhaar 2341 2341 2346", "IN_AADHAAR", "2341 2341 2346"),
        ("on January 19, 2020", "DATE_TIME", "January 19, 2020"),
    ],
)
def test_each_type_is_found(
    comprehend: Any, text: str, kind: str, piece: str | None
) -> None:
    pieces = dict(found(comprehend, text))
    assert kind in pieces
    assert piece in (None, pieces[kind])


@pytest.mark.parametrize(
    "text",
    [
        "The code is 4821, the gate 123, the seat 14C.",
        "4111 1111 1111 1112 is no card's number.",
        "VIN 1HGCM82633A004353 fails its check.",
        "Flight 1234 took off 999 times.",
        "My SSN is 000-12-3456.",
    ],
)
def test_what_only_looks_like_it_is_left(comprehend: Any, text: str) -> None:
    assert [kind for kind, _ in found(comprehend, text) if kind != "DATE_TIME"] == []


def test_contains_names_each_type_once_and_costs_less(
    comprehend: Any, desk: Connection
) -> None:
    text = f"{TEXT} Write to a@example.com or b@example.com."
    labels = comprehend.contains_pii_entities(Text=text, LanguageCode="en")["Labels"]
    names = [one["Name"] for one in labels]
    assert sorted(names) == ["ADDRESS", "CREDIT_DEBIT_NUMBER", "EMAIL", "NAME"]
    lines = desk.control("GET", "bill")["lines"]
    (line,) = (one for one in lines if one["usage"].startswith("Whether"))
    assert (line["quantity"], line["cost"]) == (3, 0.000006)


def test_entities_have_comprehends_types(comprehend: Any) -> None:
    text = "Jeff Bezos founded Amazon in Seattle in 1994."
    answer = comprehend.detect_entities(Text=text, LanguageCode="en")
    kinds = {one["Text"]: one["Type"] for one in answer["Entities"]}
    assert kinds["Jeff Bezos"] == "PERSON"
    assert kinds["Seattle"] == "LOCATION"
    assert kinds["1994"] == "DATE"
    batch = comprehend.batch_detect_entities(
        TextList=[text, "x" * 5001], LanguageCode="en"
    )
    assert [one["Index"] for one in batch["ResultList"]] == [0]
    (error,) = batch["ErrorList"]
    assert (error["Index"], error["ErrorCode"]) == (1, "TEXT_SIZE_LIMIT_EXCEEDED")
    with pytest.raises(ClientError) as refused:
        comprehend.batch_detect_entities(TextList=["a"] * 26, LanguageCode="en")
    assert refused.value.response["Error"]["Code"] == "BatchSizeLimitExceededException"


def test_a_long_text_is_read_to_its_end(comprehend: Any) -> None:
    text = f"{LONG}My name is Ada Lovelace, my number is (212) 555-0147."
    assert found(comprehend, text)[-2:] == [
        ("NAME", "Ada Lovelace"),
        ("PHONE", "(212) 555-0147"),
    ]
    with pytest.raises(ClientError) as refused:
        comprehend.detect_pii_entities(Text=text + "é" * 40_000, LanguageCode="en")
    error = refused.value.response["Error"]
    assert error["Code"] == "TextSizeLimitExceededException"
    assert "allowed is 100000 bytes while" in error["Message"]


def test_what_does_not_act_is_refused_by_name(comprehend: Any) -> None:
    with pytest.raises(ClientError, match="comprehend:DetectSentiment does not act"):
        comprehend.detect_sentiment(Text="Fine.", LanguageCode="en")
    with pytest.raises(ClientError, match="LanguageCode='es'"):
        comprehend.detect_pii_entities(Text="Me llamo Ana.", LanguageCode="es")
    with pytest.raises(ClientError, match="EndpointArn"):
        comprehend.detect_entities(
            Text="Fine.",
            LanguageCode="en",
            EndpointArn="arn:aws:comprehend:us-east-1:123456789012:"
            "entity-recognizer-endpoint/mine",
        )
    for code, error in (
        ("fr", "UnsupportedLanguageException"),
        ("xx", "InvalidRequestException"),
    ):
        with pytest.raises(ClientError) as refused:
            comprehend.detect_pii_entities(Text="Fine.", LanguageCode=code)
        assert refused.value.response["Error"]["Code"] == error
