"""What is learnt from questions."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from reporter.assistant.guess import NONE, WEIGHTS, guess, of_read
from reporter.assistant.parse import Parser, ways
from reporter.assistant.view import open_run
from reporter.resources import sample_run

_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "fit_questions.py"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit_questions", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fit_questions"] = module
    spec.loader.exec_module(module)
    return module


fit_questions = _loaded()


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(open_run(sample_run()))


def test_the_weights_are_what_the_script_makes() -> None:
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    made = fit_questions.fit(fit_questions.taught())
    assert stored["classes"] == made["classes"]

    def dense(held: dict[str, object]) -> dict[str, list[int]]:
        return {name: row for name, (_, row) in held["features"].items()}  # type: ignore[attr-defined]

    old, new = dense(stored), dense(made)
    both = old.keys() & new.keys()
    # Other processors round otherwise, so a weight at the edge of what is kept may come or go.
    assert len(both) >= 0.98 * max(len(old), len(new))
    for name in both:
        before, after = (np.zeros(len(made["classes"])) for _ in range(2))
        for values, row in ((before, old[name]), (after, new[name])):
            values[row[::2]] = row[1::2]
        assert np.abs(before - after).max() <= fit_questions.LEAST_WEIGHT + 1, name


def test_every_query_can_be_learnt_and_chances_add_up(parser: Parser) -> None:
    classes = guess().classes
    names = {fit_questions.of_way(way).name for way in ways()}
    assert set(classes) == names | {NONE}
    chances = guess().chances(of_read(parser.reader.read("when is the peak, roughly?")), classes)
    assert sum(chances.values()) == pytest.approx(1)
    assert max(chances, key=chances.__getitem__) == "peak_hours"


def test_words_that_no_way_of_asking_has_are_understood_by_what_was_learnt(parser: Parser) -> None:
    match = parser.matches(parser.reader.read("how shaky is the kW number, would you say"))[0]
    assert match.way.query == "uncertainty"
    assert match.chance > match.likeness
