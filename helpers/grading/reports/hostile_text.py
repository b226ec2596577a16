"""Text from a submission, made fit to be shown."""

import re
import unicodedata

LONGEST = 4000
_ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)?")
_FORMULA = ("=", "+", "-", "@")
_KEPT = {"\n", "\t"}
# Characters that turn or hide what stands beside them, and lone halves of a pair.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def shown(text: object, longest: int = LONGEST) -> str:
    """Give text without terminal escapes, with control characters made visible.

    Args:
        text: anything; what is no text is shown as its `str`.
        longest: the number of characters that are kept.
    """
    # a cut before the work: the text may be of any length
    start = str(text)[: 2 * longest]
    plain = "".join(map(_visible, _ESCAPE.sub("", start)))
    if len(plain) > longest or len(str(text)) > 2 * longest:
        return plain[:longest] + " …"
    return plain


def line(text: object, longest: int = 200) -> str:
    """Give text as `shown`, on one line."""
    return " ".join(shown(text, longest).split())


def cell(text: object) -> str:
    """Give text for a spreadsheet, which would otherwise run it as a formula."""
    plain = line(text)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def _visible(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"<U+{ord(character):04X}>"
