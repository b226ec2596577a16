"""Near-identical submissions: pairs whose code is the same but for names and layout.

The answers' tokens are taken five at a time, with every name that the student has
chosen as one word, and pairs are compared by the share of these fives that they have
in common (Jaccard). A five that more than half of the class has is the task's.
"""

import ast
import io
import tokenize
from dataclasses import dataclass

import numpy as np

from helpers.grading.reports.records import Result

ALIKE = 0.8
COMMON = 0.5
# Answers of fewer fives are alike by themselves.
FEWEST = 40
SHOWN = 200
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)


@dataclass(frozen=True)
class Pair:
    """Two submissions of different students whose answers are nearly the same.

    Attributes:
        first: the one result.
        second: the other.
        share: of their code that is the same, 0 to 1.
    """

    first: Result
    second: Result
    share: float


def pairs(results: list[Result]) -> list[Pair]:
    """Give the pairs that are alike, the most alike first, at most 200."""
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(
        analyzer=_fives, binary=True, max_df=max(2, round(COMMON * len(results)))
    )
    try:
        counts = vectorizer.fit_transform(results)
    except ValueError:
        # nobody wrote code of his own
        return []
    own = np.asarray(counts.sum(axis=1)).ravel()
    shared = sparse.triu(counts @ counts.T, k=1).tocoo()
    found = [
        Pair(results[one], results[two], float(both / (own[one] + own[two] - both)))
        for one, two, both in zip(shared.row, shared.col, shared.data, strict=True)
        if both >= FEWEST and results[one]["student"] != results[two]["student"]
    ]
    alike = [pair for pair in found if pair.share >= ALIKE]
    return sorted(alike, key=lambda pair: -pair.share)[:SHOWN]


def _fives(result: Result) -> list[str]:
    found: list[str] = []
    for source in result["sources"].values():
        words = _words(source)
        found += [" ".join(words[at : at + 5]) for at in range(len(words) - 4)]
    return found


def _words(source: str) -> list[str]:
    try:
        chosen = _chosen(ast.parse(source))
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return []
    words = [""]
    for token in tokens:
        if token.type in _LAYOUT:
            continue
        mine = token.string in chosen and words[-1] != repr(".")
        words.append("NAME" if mine else repr(token.string))
    return words[1:]


def _chosen(tree: ast.Module) -> set[str]:
    """Give the names that the code itself binds."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
    return names
