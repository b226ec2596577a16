"""The built-in BlazingText: text classification (mode `supervised`) on scikit-learn.

The model is fastText's: words and hashed word n-grams, averaged in an embedding of
`vector_dim`, then a softmax, learned as a perceptron with one linear layer. The
artefact `model.bin` is a NumPy archive; fastText does not read it, as it would on AWS.
Not in the local form: Word2Vec (modes skipgram, cbow, batch_skipgram), augmented
manifests.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws.algorithms import exchange, tables
from localaws.algorithms import hyperparameters as hp
from localaws.algorithms.bag_of_words import Bag
from localaws.algorithms.errors import AlgorithmFailure, InferenceError, UserError
from localaws.algorithms.first_party import (
    Arrays,
    check_channels,
    fail,
    load,
    read_config,
    save,
)

_ARTEFACT = "model.bin"
_LABEL = "__label__"
_BATCH = 16
# of fastText's step without mini-batches, for Adam
_STEP = 0.1
_KINDS = (exchange.JSON, exchange.LINES)
_KNOWN = (
    hp.required(
        hp.only("mode", "Word2Vec is not in it, text classification is", "supervised")
    ),
    hp.integer("buckets", 1),
    hp.flag("early_stopping"),
    hp.integer("epochs", 1),
    hp.number("learning_rate", 0, opened="("),
    hp.integer("min_count", 0),
    hp.integer("min_epochs", 1),
    hp.integer("patience", 1),
    hp.integer("vector_dim", 1),
    hp.integer("word_ngrams", 1),
    hp.choice("_tuning_objective_metric", "validation:accuracy"),
)
Examples = list[tuple[list[str], list[str]]]


class BlazingText:
    """The algorithm `blazingtext`; see `localaws.algorithms.Algorithm`."""

    name = "blazingtext"
    content_types = ("text/plain",)
    metrics = (("validation:accuracy", r"#validation_accuracy: (\S+)"),)

    def check(self, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
        """Convert hyperparameters from strings; HyperparameterError if refused."""
        return hp.check(_KNOWN, {}, hyperparameters)

    def train(self, opt: Path) -> int:
        """Train on the channels `train` and `validation` of the tree `opt`.

        Returns:
            0; 2 for a mistake of the user, 1 for a failure of the library.
        """
        from threadpoolctl import threadpool_limits

        try:
            values = self.check(read_config(opt, "hyperparameters"))
            described = check_channels(opt, self.name, ("validation",))
            for channel in described.values():
                _check_kind(channel.get("ContentType"))
            examples = {
                name: _read(opt / "input" / "data" / name) for name in described
            }
            with threadpool_limits(1):
                arrays = _fit(values, examples)
        except UserError as error:
            return fail(opt, f"ClientError: {error}", 2)
        except AlgorithmFailure as error:
            return fail(opt, f"AlgorithmError: {error}", 1)
        save(opt / "model" / _ARTEFACT, arrays)
        return 0

    def load(self, model_dir: Path) -> Any:
        """Load the artefact of `model_dir`; ValueError if there is none."""
        arrays = load(model_dir / _ARTEFACT)
        return Bag.restored(arrays), arrays

    def predict(
        self, model: Any, body: bytes, content_type: str, accept: str
    ) -> tuple[bytes, str]:
        """Answer one request in its own media type, whatever `accept` says."""
        kind = exchange.media_type(content_type or exchange.JSON)[0]
        if kind not in _KINDS:
            raise InferenceError(
                f"Content-type {kind} not supported. Supported content-types are"
                f" {', '.join(_KINDS)}",
                415,
            )
        try:
            sentences, wanted = _sentences(body, kind)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InferenceError(f"the body is not {kind}: {error!r}") from error
        bag, arrays = model
        shares = _evaluate(bag, arrays, sentences)
        answers = []
        for row, many in zip(shares, wanted, strict=True):
            best = row.argsort(kind="stable")[::-1][:many]
            labels = [str(arrays["labels"][one]) for one in best]
            answers.append({"label": labels, "prob": [float(row[one]) for one in best]})
        if kind == exchange.JSON:
            return json.dumps(answers).encode(), kind
        return "".join(json.dumps(one) + "\n" for one in answers).encode(), kind


def _check_kind(content_type: str | None) -> None:
    if content_type and exchange.media_type(content_type)[0] != "text/plain":
        raise UserError(
            f"{content_type} is not an accepted ContentType of the local form of"
            " BlazingText: text/plain, a sentence with its labels a line"
        )


def _read(folder: Path) -> Examples:
    examples = []
    for path in tables.data_files(folder):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            tokens = line.split()
            labels = [token for token in tokens if token.startswith(_LABEL)]
            if tokens and not labels:
                raise UserError(
                    f"Line {number} of file '{path.name}' has no label: write"
                    f" '{_LABEL}<name> <words>'"
                )
            if tokens:
                words = [token for token in tokens if not token.startswith(_LABEL)]
                examples.append((words, labels))
    if not examples:
        raise UserError(f"No data in {folder.name} channel path {folder}")
    return examples


def _fit(values: dict[str, Any], examples: dict[str, Examples]) -> Arrays:
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    train = examples["train"]
    bag = Bag.of(
        [words for words, _ in train],
        values.get("min_count", 5),
        values.get("word_ngrams", 2),
        values.get("buckets", 2_000_000),
    )
    names = sorted({label for _, labels in train for label in labels})
    if len(names) < 2:
        raise UserError(f"The train channel has one label, {names[0]}: expected two")
    print(f"[INFO] Number of words:  {bag.count_words()}")
    print(f"[INFO] Number of labels: {len(names)}")
    # a sentence with several labels is one example of each, as for fastText
    pairs = [(row, label) for row, (_, labels) in enumerate(train) for label in labels]
    rows = bag.matrix([words for words, _ in train])
    repeated = rows[[row for row, _ in pairs]]
    target = np.array([names.index(label) for _, label in pairs])
    network = MLPClassifier(
        hidden_layer_sizes=(values.get("vector_dim", 100),),
        activation="identity",
        alpha=0.0,
        batch_size=min(_BATCH, len(target)),
        learning_rate_init=_STEP * values.get("learning_rate", 0.05),
        random_state=np.random.RandomState(0),
    )
    best, waited = -1.0, 0
    for epoch in range(1, values.get("epochs", 5) + 1):
        network.partial_fit(repeated, target, classes=np.arange(len(names)))
        arrays = {**bag.arrays(), "labels": np.array(names), **_weights(network)}
        print(f"[INFO] Epoch: {epoch}", flush=True)
        if not values.get("early_stopping") or "validation" not in examples:
            continue
        accuracy = _accuracy(bag, arrays, examples["validation"])
        print(f"[INFO] Validation accuracy: {accuracy:.4f}", flush=True)
        waited = 0 if accuracy > best else waited + 1
        best = max(best, accuracy)
        if epoch >= values.get("min_epochs", 5) and waited >= values.get("patience", 4):
            break
    for name, table in examples.items():
        print(f"#{name}_accuracy: {_accuracy(bag, arrays, table):.4f}")
        print(f"Number of {name} examples: {len(table)}", flush=True)
    return arrays


def _weights(network: Any) -> Arrays:
    import numpy as np

    (embedding, output), (shift, bias) = network.coefs_, network.intercepts_
    if len(bias) == 1:
        # of two classes the library learns the second one's lead
        output = np.hstack([np.zeros_like(output), output])
        bias = np.append(0, bias)
    weights = (embedding, shift, output, bias)
    names = ("embedding", "shift", "output", "bias")
    return {
        name: one.astype(np.float32) for name, one in zip(names, weights, strict=True)
    }


def _evaluate(bag: Bag, model: Arrays, sentences: list[list[str]]) -> Any:
    from scipy.special import softmax

    rows = bag.matrix(sentences)
    hidden = rows @ model["embedding"] + model["shift"]
    return softmax(hidden @ model["output"] + model["bias"], axis=1)


def _accuracy(bag: Bag, model: Arrays, examples: Examples) -> float:
    shares = _evaluate(bag, model, [words for words, _ in examples])
    best = model["labels"][shares.argmax(axis=1)]
    right = [one in labels for one, (_, labels) in zip(best, examples, strict=True)]
    return sum(right) / len(right)


def _sentences(body: bytes, kind: str) -> tuple[list[list[str]], list[int]]:
    if kind == exchange.JSON:
        request = json.loads(body)
        many = int(request.get("configuration", {}).get("k", 1))
        sentences = request["instances"]
        wanted = [many] * len(sentences)
    else:
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        sentences = [line["source"] for line in lines]
        wanted = [int(line.get("k", 1)) for line in lines]
    if not sentences:
        raise ValueError("there are no sentences")
    return [one.split() for one in sentences], wanted
