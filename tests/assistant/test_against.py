"""A comparison given beside the run, and figures in the terminal."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.assistant.arrow import codes, floats
from reporter.assistant.asking import Assistant
from reporter.assistant.talk import Talk, drawn, wants_figure
from reporter.assistant.view import View, compared, open_run
from reporter.errors import DataError, UsageError
from reporter.resources import sample_run
from reporter.schema import SCHEMA_VERSION
from reporter.targets.odds import shift_to, shifted


@pytest.fixture(scope="module")
def view() -> View:
    return open_run(sample_run())


def comparison(folder: Path, **other: object) -> Path:
    """What ``reporter compare`` writes, as far as the answers here need it: three periods up to the sample's."""
    own = json.loads((sample_run() / "facts.json").read_text(encoding="utf-8"))["period"]
    periods = [
        {**own, "label": label, "start": start}
        for label, start in (("2025Q4", "2025-10-01"), ("2026Q1", "2026-01-01"))
    ]
    drift = {
        "old_segment_id": "S1",
        "new_segment_id": "S1",
        "measure": "share",
        "old": 0.2,
        "new": 0.223,
        "notable": True,
    }
    trend = {"segment_id": "S1", "title": "Evening peak", "share": [0.18, 0.2, 0.223], "customers": [40, 45, 51], "mean_kw": [0.5, 0.5, 0.5], "coincident_kw": [1.1, None, 1.3]}  # fmt: skip
    written = {
        "schema_version": SCHEMA_VERSION,
        "periods": [*periods, own],
        "drift": [drift],
        "trends": [trend],
        **other,
    }
    folder.mkdir(exist_ok=True)
    (folder / "comparison.json").write_text(json.dumps(written), encoding="utf-8")
    return folder


def test_change_over_several_quarters_is_answered_from_a_comparison(view: View, tmp_path: Path) -> None:
    with_it = compared(view, comparison(tmp_path))
    question = "how did the evening peak segment grow over the last quarters?"
    assert not Assistant(view).ask(question).answered
    found = Assistant(with_it).ask(question)
    assert found.answered
    assert "since 2026Q1: share of customers from 20 % to 22 %" in found.text
    assert (
        "2025Q4 18 % of customers and 1.10 kW a customer, 2026Q1 20 % of customers and 2026Q2 22 %"
        in found.text
    )
    # What it says of the run is untouched, and the run itself too.
    assert with_it.segments == view.segments
    assert view.facts["change"] is None


def test_a_comparison_of_another_run_or_none_is_refused_in_a_sentence(view: View, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no comparison"):
        compared(view, tmp_path)
    later = {**view.facts["period"], "label": "2026Q3", "start": "2026-07-01"}
    with pytest.raises(UsageError, match="up to 2026Q3"):
        compared(view, comparison(tmp_path, periods=[view.facts["period"], later]))
    with pytest.raises(DataError, match="schema 1"):
        compared(view, comparison(tmp_path, schema_version="1.0"))
    for content in ("{", "[]", "null", '{"schema_version": "3.0", "periods": []}'):
        (tmp_path / "comparison.json").write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match="broken"):
            compared(view, tmp_path)


@pytest.mark.parametrize(
    "line", ["show me the figure", "Open it please", "can I see the chart?", "plot that"]
)
def test_a_figure_is_asked_for_in_words(line: str) -> None:
    assert wants_figure(line)


@pytest.mark.parametrize("line", ["show me the gains curve", "show the list", "open the elbow plot"])
def test_a_question_is_no_wish_for_the_last_figure(line: str) -> None:
    assert not wants_figure(line)


def test_the_load_of_a_segment_is_drawn_as_text(view: View, tmp_path: Path) -> None:
    talk = Talk(view)
    assert drawn(talk).count("\n") == len(view.segments) + 2
    talk.ask("tell me about the flat segment")
    row, scale, _ = drawn(talk).splitlines()
    assert row.split()[0] == "Flat"
    blocks = row[-24:]
    highest = view.segments[view.place("S7")]["peak_hour"]
    assert blocks[highest] == "█"
    assert scale.index("18") == len(row) - 24 + 18
    # A title is data: nothing in it steers the terminal.
    folder = tmp_path / "run"
    shutil.copytree(sample_run(), folder)
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    facts["segments"][0]["title"] = "\x1b[31mred"
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    assert "\x1b" not in drawn(Talk(open_run(folder)))


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.none() | st.floats(-1e6, 1e6), max_size=40),
    st.integers(0, 40),
    st.sampled_from(["float32", "float64"]),
)
def test_numbers_of_a_column_are_those_of_the_engine(
    values: list[float | None], start: int, kind: str
) -> None:
    array = pa.array(values, kind)
    column = pa.chunked_array([array.slice(start), array])
    assert np.array_equal(floats(column), np.array(column.to_pylist(), dtype=float), equal_nan=True)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.none() | st.sampled_from(["a", "b", "ü", ""]), max_size=40), st.integers(0, 40))
def test_texts_of_a_column_are_those_of_the_engine(values: list[str | None], start: int) -> None:
    array = pa.array(values, "string")
    column = pa.chunked_array([array.slice(start).dictionary_encode(), array.dictionary_encode()])
    names, places = codes(column)
    assert [None if place < 0 else names[place] for place in places] == column.to_pylist()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.001, 0.999))
def test_odds_are_moved_to_the_mean_wanted(chances: list[float], mean: float) -> None:
    given_chances = np.array(chances)
    moved = shifted(given_chances, shift_to(given_chances, mean))
    assert abs(float(moved.mean()) - mean) < 1e-9
    assert (np.diff(moved[np.argsort(given_chances, kind="stable")]) >= 0).all()
