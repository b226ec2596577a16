"""Sentences with the types that the complaints do not have, drawn from a seed.

Of each five, three use the type's usual word, one another word, one none at all: what
people write, and more than any pattern finds.
"""

import random
from collections.abc import Callable, Iterator
from string import ascii_uppercase, digits
from typing import Any

from stdnum import iban, luhn, verhoeff

Draw = Callable[[random.Random], str]
_SIGNS = ascii_uppercase + digits
_NONE = "It says {} on the paper that I have here."


def form(pattern: str) -> Draw:
    """Return what draws by a form: `?` is a letter, `#` a digit, `*` either."""
    kinds = {"?": ascii_uppercase, "#": digits, "*": _SIGNS}

    def draw(rng: random.Random) -> str:
        return "".join(rng.choice(kinds.get(sign, sign)) for sign in pattern)

    return draw


def checked(length: int, weights: list[int], by: int) -> Draw:
    """Return what draws digits whose weighed sum a number divides."""

    def draw(rng: random.Random) -> str:
        while True:
            found = "".join(rng.choices(digits, k=length))
            pairs = zip(found, weights, strict=True)
            if sum(int(one) * weight for one, weight in pairs) % by == 0:
                return found

    return draw


def _iban(rng: random.Random) -> str:
    body = "".join(rng.choices(digits, k=18))
    return f"DE{iban.calc_check_digits(f'DE00{body}')}{body}"


def _sin(rng: random.Random) -> str:
    body = rng.choice("1234567") + "".join(rng.choices(digits, k=7))
    found = body + luhn.calc_check_digit(body)
    return f"{found[:3]} {found[3:6]} {found[6:]}"


def _aadhaar(rng: random.Random) -> str:
    body = rng.choice("23456789") + "".join(rng.choices(digits, k=10))
    found = body + verhoeff.calc_check_digit(body)
    return f"{found[:4]} {found[4:8]} {found[8:]}"


def _expiry(rng: random.Random) -> str:
    return f"{rng.randint(1, 12):02}/{rng.randint(26, 31)}"


def _secret(rng: random.Random) -> str:
    return "".join(rng.choices(_SIGNS + ascii_uppercase.lower() + "/+", k=40))


def _password(rng: random.Random) -> str:
    return "".join(rng.choices(_SIGNS + "!#%", k=10))


PROBES: dict[str, tuple[Draw, tuple[str, ...]]] = {
    "PIN": (
        form("####"),
        ("My PIN is {}.", "PIN: {}", "The pin code {} works.", "I dial {} there."),
    ),
    "CREDIT_DEBIT_CVV": (
        form("###"),
        ("CVV {}.", "cvc: {}", "The security code is {}.", "On the back is {}."),
    ),
    "CREDIT_DEBIT_EXPIRY": (
        _expiry,
        ("It expires {}.", "exp {}", "Valid thru {}.", "Good until {}."),
    ),
    "BANK_ACCOUNT_NUMBER": (
        form("##########"),
        ("Account number {}.", "My bank account is {}.", "acct {}", "Send it to {}."),
    ),
    "BANK_ROUTING": (
        checked(9, [3, 7, 1] * 3, 10),
        ("Routing number {}.", "ABA {}", "routing: {}", "The bank's number is {}."),
    ),
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": (
        _iban,
        ("IBAN {}.", "My IBAN is {}.", "Pay to {}.", "The money goes to {}."),
    ),
    "DRIVER_ID": (
        form("?#######"),
        (
            "Driver's license {}.",
            "My driving licence is {}.",
            "License number: {}",
            "The DMV gave me {}.",
        ),
    ),
    "LICENSE_PLATE": (
        form("???-####"),
        ("License plate {}.", "The plates are {}.", "plate: {}", "I drive {}."),
    ),
    "PASSWORD": (
        _password,
        ("My password is {}", "password: {}", "pwd={}", "I log in with {}"),
    ),
    "USERNAME": (
        form("?????##"),
        ("My username is {}", "login: {}", "user name: {}", "I am known as {}"),
    ),
    "AWS_SECRET_KEY": (
        _secret,
        ("secret {}", "Secret key: {}", "aws_secret_access_key={}", "Use {} there."),
    ),
    "UK_NATIONAL_INSURANCE_NUMBER": (
        form("AB######C"),
        ("NINO {}.", "National Insurance {}", "NI number {}", "My number is {}."),
    ),
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": (
        checked(10, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 11),
        ("NHS number {}.", "NHS {}", "my NHS no. is {}", "The hospital has {}."),
    ),
    "CA_SOCIAL_INSURANCE_NUMBER": (
        _sin,
        ("SIN {}.", "Social insurance {}", "my SIN is {}", "My number is {}."),
    ),
    "CA_HEALTH_NUMBER": (
        form("####-###-###"),
        ("Health card {}.", "OHIP {}", "health number {}", "The clinic has {}."),
    ),
    "IN_AADHAAR": (
        _aadhaar,
        ("Aadhaar {}.", "My Aadhaar is {}", "UIDAI {}", "My number is {}."),
    ),
    "IN_NREGA": (
        form("??-##-###-###-###/###"),
        ("NREGA {}.", "job card {}", "MGNREGA: {}", "The village has {}."),
    ),
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": (
        form("9##-7#-####"),
        ("ITIN {}.", "My tax ID is {}", "ITIN: {}", "The tax office knows me by {}."),
    ),
}


def probes(count: int = 100, seed: int = 13) -> Iterator[dict[str, Any]]:
    """Yield notes, each with one span.

    Args:
        count: How many of each type.
        seed: Draws the values.
    """
    rng = random.Random(f"probes {seed}")
    for kind, (draw, sentences) in PROBES.items():
        choice = (*sentences, _NONE)
        for number in range(count):
            before, _, after = choice[number % len(choice)].partition("{}")
            value = draw(rng)
            place = {"begin": len(before), "end": len(before) + len(value)}
            span = {"type": kind, "kind": kind, **place}
            yield {"text": f"{before}{value}{after}", "spans": [span]}
