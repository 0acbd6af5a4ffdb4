"""Each optional file taken away in turn: the run stands, and the report says what is missing and what it would add."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from builders import FAST, SMALL
from factories import run

import reporter.pipeline as pipeline
from reporter.figures import draw_all
from reporter.report.render import render_html
from reporter.run import read_run
from reporter.sample import write_sample
from reporter.settings import OutputSettings, resolve
from reporter.targets.catalogue import shipped

OPTIONAL = ("customers", "enrolment", "events", "outages", "system_load", "temperature", "programs")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Inputs:
    folder = tmp_path_factory.mktemp("optional")
    files = write_sample(folder / "june.parquet", customers=40, days=24, start=date(2026, 7, 1))
    return pipeline.Inputs(list(files.readings), programs=shipped(), **files.beside)


@pytest.mark.parametrize("without", [None, *OPTIONAL])
def test_the_run_stands_without_each_file(
    without: str | None, inputs: pipeline.Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_render", lambda *_: [])
    given = inputs if without is None else replace(inputs, **{without: None})
    pipeline.generate(given, tmp_path / "run", resolve(SMALL | FAST, environment={}))
    facts = read_run(tmp_path / "run").facts
    assert facts.method is not None
    roles = {file.role for file in facts.method.inputs} - {"readings"}
    assert roles == {name.replace("_", " ") for name in OPTIONAL if name != without}
    assert facts.segments
    assert (facts.targets.participation is None) == (without == "enrolment")
    assert (facts.targets.peak_hours.source == "sample") == (without == "system_load")


def test_the_report_says_what_was_not_given_and_what_it_would_add() -> None:
    facts, profiles = run(k=2, customers=120)
    drawn = draw_all(facts, profiles)
    html = render_html(facts, drawn, OutputSettings(), medium="screen")
    for words in ("--enrolment", "--system-load", "--temperature", "--events", "--outages", "--programs"):
        assert words in html
    assert "The customer file (--customers)" not in html
    assert facts.method is not None
    bare = facts.model_copy(
        update={"method": facts.method.model_copy(update={"inputs": facts.method.inputs[:1]})}
    )
    assert "The customer file (--customers): who must be left out" in render_html(
        bare, drawn, OutputSettings(), medium="screen"
    )
