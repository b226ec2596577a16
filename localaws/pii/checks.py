"""Checksums and forms that tell an identifier from any other number."""

import re
from collections.abc import Callable

from stdnum import bic, iban, luhn
from stdnum.ca import sin
from stdnum.es import dni, nie
from stdnum.gb import nhs, utr
from stdnum.in_ import aadhaar, epic, pan
from stdnum.us import itin, rtn

# Prefixes of American Express, Diners Club, Discover, JCB, Mastercard, UnionPay, Visa.
_CARD = re.compile(r"3[0-9]|4|5[0-9]|2(2[2-9]|[3-6]|7[0-2])|6")
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
)


def _card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    return bool(_CARD.match(digits)) and luhn.is_valid(digits)


def _vin(text: str) -> bool:
    values = [int(_VIN_VALUES.get(sign, sign)) for sign in text]
    pairs = zip(values, _VIN_WEIGHTS, strict=True)
    rest = sum(value * weight for value, weight in pairs) % 11
    return text[8] == ("X" if rest == 10 else str(rest))


def _mixed(text: str) -> bool:
    """Whether letters and digits stand together."""
    return any(map(str.isalpha, text)) and any(map(str.isdigit, text))


def _secret(text: str) -> bool:
    """Whether a text has all of what a random one of its length has."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return all(any(map(kind, text)) for kind in kinds)


def _digits(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= 4


def _dated(text: str) -> bool:
    """Whether the numbers of a date can be a day, a month and a year."""
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    return sorted(n <= 31 for n in numbers).count(False) <= 1 and any(
        1 <= n <= 12 for n in numbers
    )


CHECKS: dict[str, Callable[[str], bool]] = {
    "aadhaar": aadhaar.is_valid,
    "bic": bic.is_valid,
    "card": _card,
    "dated": _dated,
    "digits": _digits,
    "dni": dni.is_valid,
    "epic": epic.is_valid,
    "iban": iban.is_valid,
    "itin": itin.is_valid,
    "mixed": _mixed,
    "nhs": nhs.is_valid,
    "nie": nie.is_valid,
    "pan": pan.is_valid,
    "rtn": rtn.is_valid,
    "secret": _secret,
    "sin": sin.is_valid,
    "utr": utr.is_valid,
    "vin": _vin,
}
