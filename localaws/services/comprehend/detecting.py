"""Operations that answer a text at once."""

from typing import Any

from localaws.errors import AwsError, NotImplementedHere
from localaws.limits import limit
from localaws.pii.units import units
from localaws.services.comprehend.engine import Engine
from localaws.services.context import Context

Members = dict[str, Any]
_ENTITIES = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "NORP": "OTHER",
    "PRODUCT": "COMMERCIAL_ITEM",
    "EVENT": "EVENT",
    "WORK_OF_ART": "TITLE",
    "LAW": "TITLE",
    "LANGUAGE": "OTHER",
    "DATE": "DATE",
    "TIME": "DATE",
    "PERCENT": "QUANTITY",
    "MONEY": "QUANTITY",
    "QUANTITY": "QUANTITY",
    "ORDINAL": "QUANTITY",
    "CARDINAL": "QUANTITY",
}
# The model gives no probability of its own.
_SCORE = 0.85


def demand_text(text: str, most: float) -> None:
    """Raise AWS's error if a text is too long."""
    size = len(text.encode())
    if size > most:
        raise AwsError(
            "TextSizeLimitExceededException",
            "Input text size exceeds limit. Max length of request text allowed is "
            f"{int(most)} bytes while in this request the text size is {size} bytes",
        )


def demand_language(operation: str, code: str) -> None:
    """Raise the error of a language in which no personal data is found.

    Args:
        operation: Of the request.
        code: Of the language. AWS finds it in English and Spanish.
    """
    if code == "es":
        raise NotImplementedHere(
            f"comprehend:{operation} LanguageCode='es' (here only 'en')",
            "finds personal data in Spanish texts too",
        )
    if code != "en":
        raise AwsError(
            "UnsupportedLanguageException",
            f"Language code {code} is not supported by {operation}. Use en or es.",
        )


def _pii(
    context: Context, operation: str, given: Members, kind: str
) -> list[list[Any]]:
    text = given["Text"]
    demand_language(operation, given["LanguageCode"])
    demand_text(text, limit("comprehend", "text_bytes"))
    found = context.part(Engine).ask("find", text)
    context.meter.add(kind, units(text))
    return found


def pii(context: Context, given: Members) -> Members:
    """Answer DetectPiiEntities."""
    found = _pii(context, "DetectPiiEntities", given, "comprehend-pii")
    return {
        "Entities": [
            {"Score": score, "Type": kind, "BeginOffset": begin, "EndOffset": end}
            for kind, begin, end, score in found
        ]
    }


def contains(context: Context, given: Members) -> Members:
    """Answer ContainsPiiEntities: each type once, with its best score."""
    best: dict[str, float] = {}
    found = _pii(context, "ContainsPiiEntities", given, "comprehend-contains-pii")
    for kind, _, _, score in found:
        best[kind] = max(score, best.get(kind, 0.0))
    return {"Labels": [{"Name": kind, "Score": score} for kind, score in best.items()]}


def _entities(context: Context, text: str) -> list[Members]:
    found = context.part(Engine).ask("entities", text)
    context.meter.add("comprehend-entities", units(text))
    return [
        {
            "Score": _SCORE,
            "Type": _ENTITIES[kind],
            "Text": text[begin:end],
            "BeginOffset": begin,
            "EndOffset": end,
        }
        for kind, begin, end in found
    ]


def entities(context: Context, given: Members) -> Members:
    """Answer DetectEntities."""
    if "Text" not in given or "LanguageCode" not in given:
        raise AwsError(
            "InvalidRequestException", "Text and LanguageCode must be given."
        )
    demand_text(given["Text"], limit("comprehend", "text_bytes"))
    return {"Entities": _entities(context, given["Text"])}


def batch(context: Context, given: Members) -> Members:
    """Answer BatchDetectEntities: a text that is too long is an error of its own."""
    texts, most = given["TextList"], int(limit("comprehend", "batch_documents"))
    if len(texts) > most:
        raise AwsError(
            "BatchSizeLimitExceededException",
            f"A batch holds at most {most} documents; {len(texts)} were given.",
        )
    results, errors = [], []
    for number, text in enumerate(texts):
        try:
            if not text:
                raise AwsError("INVALID_REQUEST", "The document is empty.")
            demand_text(text, limit("comprehend", "batch_text_bytes"))
            found = _entities(context, text)
        except AwsError as error:
            if error.status != 400:
                raise
            code = error.code.removesuffix("Exception")
            shown = "TEXT_SIZE_LIMIT_EXCEEDED" if code.startswith("TextSize") else code
            told = {"ErrorCode": shown, "ErrorMessage": error.message}
            errors.append({"Index": number, **told})
        else:
            results.append({"Index": number, "Entities": found})
    return {"ResultList": results, "ErrorList": errors}


OPERATIONS = {
    "DetectPiiEntities": pii,
    "ContainsPiiEntities": contains,
    "DetectEntities": entities,
    "BatchDetectEntities": batch,
}
