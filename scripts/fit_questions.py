"""Fit the regression that says how likely each query is, and write ``reporter/assistant/guess.json``.

    python scripts/fit_questions.py [--batches]

Its examples are the ways of asking in ``phrases.toml`` and the development questions in ``tests/assistant``, read as the parser reads them. With
``--batches`` nothing is written: each batch of questions, which are by different authors, is scored by what the others teach.
"""

import argparse
import json
import math
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from assistant import questions as q  # noqa: E402

from reporter.assistant import parse  # noqa: E402
from reporter.assistant.guess import NONE, SCALE, WEIGHTS, class_name, features, of_read, restored  # noqa: E402
from reporter.assistant.parse import Parser, Way, ways  # noqa: E402
from reporter.assistant.view import open_run  # noqa: E402
from reporter.assistant.wording import stems  # noqa: E402
from reporter.resources import sample_run  # noqa: E402

STRENGTH = 100.0
"""Inverse strength of the L2 penalty."""
LEAST_EXAMPLES = 2
"""A feature in fewer examples teaches nothing of others."""

LEAST_WEIGHT = 5
"""Weights smaller than this, in units of the file, are left out: three in four, and they change next to nothing."""


@dataclass(frozen=True)
class Example:
    """What is learnt from."""

    found: Counter[str]
    name: str
    """The class."""


def of_way(way: Way) -> Example:
    """A way of asking as an example."""
    tokens = [[f"{{{word.split(':')[0]}}}", word] if ":" in word else [word] for word in way.words]
    return Example(features(tokens, stems(way.text)), class_name(way.query, way.fixed))


def of_question(parser: Parser, question: q.Question) -> Example | None:
    """A question as an example; none where it leans on another or has two parts."""
    if question.after is not None or len(question.expect) > 1:
        return None
    found = of_read(parser.reader.read(question.ask))
    if not question.expect:
        return Example(found, NONE)
    arguments = dict(question.expect[0])
    query = arguments.pop("query")
    fixed = [
        way.fixed
        for way in ways()
        if way.query == query and all(arguments.get(name) == value for name, value in way.fixed)
    ]
    return Example(found, class_name(query, max(fixed, key=len))) if fixed else None


def fit(examples: list[Example]) -> dict[str, Any]:
    """The regression, as the file holds it."""
    times = Counter(name for example in examples for name in example.found)
    names = sorted(name for name, number in times.items() if number >= LEAST_EXAMPLES)
    rarity = {name: round(100 * (1 + math.log((1 + len(examples)) / (1 + times[name])))) for name in names}
    place = {name: number for number, name in enumerate(names)}
    values, columns, ends = [], [], [0]
    for example in examples:
        row = {
            name: (1 + math.log(number)) * rarity[name] / 100
            for name, number in example.found.items()
            if name in place
        }
        length = math.sqrt(sum(value * value for value in row.values())) or 1.0
        values += [value / length for value in row.values()]
        columns += [place[name] for name in row]
        ends.append(len(columns))
    matrix = csr_matrix((values, columns, ends), shape=(len(examples), len(names)))
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(matrix, [example.name for example in examples])
    weights = np.rint(model.coef_ * SCALE).astype(int).T
    weights[np.abs(weights) < LEAST_WEIGHT] = 0
    kept = {}
    for name, row in zip(names, weights, strict=True):
        pairs = [int(value) for place in np.flatnonzero(row) for value in (place, row[place])]
        if pairs:
            kept[name] = [rarity[name], pairs]
    return {
        "classes": [str(name) for name in model.classes_],
        "intercepts": np.rint(model.intercept_ * SCALE).astype(int).tolist(),
        "features": kept,
    }


def as_text(stored: dict[str, Any]) -> str:
    """The file: one line for each feature."""
    compact = {"separators": (",", ":"), "ensure_ascii": False}
    rows = ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(row, **compact)}"
        for name, row in stored["features"].items()
    )
    return (
        f'{{"classes":{json.dumps(stored["classes"], **compact)},\n"intercepts":{json.dumps(stored["intercepts"], **compact)},\n'
        f'"features":{{\n{rows}\n}}}}\n'
    )


def taught() -> list[Example]:
    """All examples."""
    parser = Parser(open_run(sample_run()))
    return _ways() + _examples(parser, q.development())


def _ways() -> list[Example]:
    return [of_way(way) for way in ways()]


def _examples(parser: Parser, questions: list[q.Question]) -> list[Example]:
    return [example for question in questions if (example := of_question(parser, question)) is not None]


def score_batches() -> None:
    """Print how many questions of each batch are right by what the others teach."""
    view = open_run(sample_run())
    examples = {name: _examples(Parser(view), batch) for name, batch in q.batches().items()}
    for name, batch in q.batches().items():
        others = [example for other, rows in examples.items() if other != name for example in rows]
        learnt = restored(fit(_ways() + others))
        parse.guess = lambda learnt=learnt: learnt  # type: ignore[assignment]
        kinds = {
            "right": [row for row in batch if row.expect],
            "refused": [row for row in batch if not row.expect],
        }
        told = []
        for kind, rows in kinds.items():
            number = sum(q.right(row, q.reply(view, row)) for row in rows)
            told.append(f"{number} of {len(rows)} {kind} ({100 * number / max(len(rows), 1):.0f} %)")
        sys.stdout.write(f"{name}: {', '.join(told)}\n")


def main() -> None:
    """Write the file, or score the batches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", action="store_true")
    if parser.parse_args().batches:
        score_batches()
        return
    text = as_text(fit(taught()))
    WEIGHTS.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{WEIGHTS.name}: {len(text) // 1000} kB\n")


if __name__ == "__main__":
    main()
