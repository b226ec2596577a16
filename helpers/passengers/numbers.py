"""Numbers that a detector takes for true ones: they keep the rules, and are drawn."""

import random
from string import ascii_uppercase, digits

# Blocks of RFC 5737, which lead to no machine.
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")


def card(first: str, groups: list[int], rng: random.Random) -> str:
    """Draw the number of a payment card that passes Luhn's check.

    Args:
        first: the digits by which its network is known.
        groups: how many digits stand together on the card.
        rng: draws the others.
    """
    rest = sum(groups) - len(first) - 1
    body = first + "".join(rng.choices(digits, k=rest))
    return body + str(-_luhn(f"{body}0") % 10)


def is_card(number: str) -> bool:
    """Say whether the digits pass Luhn's check."""
    return _luhn(number) % 10 == 0


def grouped(number: str, groups: list[int], between: str) -> str:
    """Write a card's number as it stands on the card, or as it is typed."""
    ends = [sum(groups[: place + 1]) for place in range(len(groups))]
    parts = [number[end - size : end] for end, size in zip(ends, groups, strict=True)]
    return between.join(parts)


def ssn(rng: random.Random) -> str:
    """Draw a Social Security number within the ranges that are given out."""
    area = rng.choice([rng.randint(1, 665), rng.randint(667, 899)])
    return f"{area:03}-{rng.randint(1, 99):02}-{rng.randint(1, 9999):04}"


def passport(form: str, rng: random.Random) -> str:
    """Draw a passport's number: `?` is a letter, `#` a digit."""
    drawn = {"?": ascii_uppercase, "#": digits}
    return "".join(rng.choice(drawn.get(sign, sign)) for sign in form)


def phone(area: str, rng: random.Random) -> str:
    """Draw one of the numbers that are kept free for stories."""
    return f"{area}-555-01{rng.randrange(100):02}"


def ip(rng: random.Random) -> str:
    """Draw an address of a network that is kept free for documents."""
    return f"{rng.choice(NETWORKS)}.{rng.randint(1, 254)}"


def _luhn(number: str) -> int:
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    plain = [int(digit) for digit in number[::-2]]
    return sum(plain) + sum(twice - 9 * (twice > 9) for twice in doubled)
