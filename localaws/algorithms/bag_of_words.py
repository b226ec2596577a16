"""Sentences as rows of words and hashed word n-grams."""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localaws.algorithms.errors import UserError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Bag:
    """The columns of the rows.

    Attributes:
        columns: of each word and, under its number, of each bucket of n-grams.
        ngrams: the longest n-gram.
        buckets: into how many the n-grams are hashed.
    """

    columns: Mapping[str, int]
    ngrams: int
    buckets: int

    @classmethod
    def of(
        cls, sentences: list[list[str]], least: int, ngrams: int, buckets: int
    ) -> "Bag":
        """Collect the words that occur at least so often, and their n-grams.

        Raises:
            UserError: no word does.
        """
        counts = Counter(word for words in sentences for word in words)
        columns: dict[str, int] = {}
        for word in sorted(word for word, many in counts.items() if many >= least):
            columns[f"w{word}"] = len(columns)
        if not columns:
            raise UserError(
                f"No word of the train channel occurs min_count={least} times"
            )
        found = cls(columns, ngrams, buckets)
        for words in sentences:
            for key in found._keys(words):
                columns.setdefault(key, len(columns))
        return found

    @classmethod
    def restored(cls, arrays: "Mapping[str, np.ndarray]") -> "Bag":
        """What `arrays` has taken apart."""
        keys = arrays["columns"].tolist()
        columns = {key: column for column, key in enumerate(keys)}
        return cls(columns, int(arrays["ngrams"]), int(arrays["buckets"]))

    def arrays(self) -> "dict[str, np.ndarray]":
        """The bag as arrays."""
        import numpy as np

        return {
            "columns": np.array(list(self.columns)),
            "ngrams": np.array(self.ngrams),
            "buckets": np.array(self.buckets),
        }

    def count_words(self) -> int:
        """How many words there are."""
        return sum(key.startswith("w") for key in self.columns)

    def matrix(self, sentences: list[list[str]]) -> Any:
        """One CSR row a sentence: the mean of its words and n-grams."""
        import numpy as np
        from scipy.sparse import csr_matrix

        indices: list[int] = []
        values: list[float] = []
        ends = [0]
        for words in sentences:
            found = Counter(
                self.columns[key] for key in self._keys(words) if key in self.columns
            )
            indices += found.keys()
            values += [many / found.total() for many in found.values()]
            ends.append(len(indices))
        shape = (len(sentences), len(self.columns))
        data = np.array(values, dtype=np.float32)
        return csr_matrix((data, np.array(indices, np.int32), ends), shape=shape)

    def _keys(self, words: list[str]) -> Iterator[str]:
        kept = [word for word in words if f"w{word}" in self.columns]
        yield from (f"w{word}" for word in kept)
        for length in range(2, self.ngrams + 1):
            for at in range(len(kept) - length + 1):
                gram = " ".join(kept[at : at + length])
                yield f"n{zlib.crc32(gram.encode()) % self.buckets}"
