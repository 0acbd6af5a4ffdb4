"""Templates of the utility's own: a copy to begin with, and what a check finds."""

from pathlib import Path

import factories
import pytest

from reporter.errors import UsageError
from reporter.figures import draw_all
from reporter.figures.registry import Drawn
from reporter.report.templates import check_folder, export_templates, list_templates
from reporter.report.theme import contrast
from reporter.resources import sample_run, templates_folder
from reporter.run import Run, read_run
from reporter.settings import OutputSettings


@pytest.fixture(scope="module")
def run() -> Run:
    return read_run(sample_run())


@pytest.fixture(scope="module")
def figures(run: Run) -> dict[str, Drawn]:
    return draw_all(run.facts, run.profiles)


def check(folder: Path, run: Run, figures: dict[str, Drawn]) -> list[str]:
    return check_folder(folder, run.facts, figures, OutputSettings(), run.target_list())


def test_what_is_exported_passes_the_check(tmp_path: Path, run: Run, figures: dict[str, Drawn]) -> None:
    written = export_templates(tmp_path / "own")
    assert {path.name for path in written} >= {"theme.toml", "report.html.j2", "decision.html.j2"}
    assert check(tmp_path / "own", run, figures) == []
    with pytest.raises(UsageError, match="is there already"):
        export_templates(tmp_path / "own")


def test_every_template_is_listed_with_its_blocks() -> None:
    listed = {file.name: file for file in list_templates()}
    assert set(listed) == {"theme.toml"} | {
        path.relative_to(templates_folder()).as_posix() for path in templates_folder().rglob("*.j2")
    }
    assert "caveat" in listed["sections/decision.html.j2"].blocks
    assert "people" in listed["wording.html.j2"].macros


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("sections/decision.html.j2", '{% extends "default:sections/decision.html.j2" %}\n{% block caveatt %}x{% endblock %}',
         ":2: 'default:sections/decision.html.j2' has no block 'caveatt', so it shows nowhere; did you mean 'caveat'?"),
        ("sections/who.html.j2", "<p>\n{{ reprot.title }}", ":2: there is nothing called 'reprot'; did you mean 'report'?"),
        ("sections/who.html.j2", "<p>\n{{ report.titel }}", ":2: there is no 'titel' in a ReportContext"),
        ("sections/who.html.j2", "{% if %}", ":1: "),
        ("sections/mine.html.j2", "<p>Mine</p>", "nothing uses this file"),
        ("theme.toml", '[colours]\naccent = "#ffcc00"', "colour 'accent' (#ffcc00) has a contrast of 1.5 to 1"),
        ("theme.toml", 'sections = ["decision", "mine"]', "there is no template 'sections/mine.html.j2'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, run: Run, figures: dict[str, Drawn], name: str, text: str, words: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    problems = check(tmp_path, run, figures)
    assert len(problems) == 1
    assert words in problems[0]


def test_a_section_of_ones_own_passes(tmp_path: Path, run: Run, figures: dict[str, Drawn]) -> None:
    (tmp_path / "sections").mkdir()
    (tmp_path / "theme.toml").write_text('sections = ["decision", "mine"]\n')
    (tmp_path / "sections/mine.html.j2").write_text(
        "{% set n = report.facts.quality.customers_used %}{% block all %}<p>{{ n | count }}</p>{% endblock %}"
    )
    assert check(tmp_path, run, figures) == []


def test_contrast_by_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_sample_run_can_be_read_and_is_of_this_version(run: Run) -> None:
    assert run.facts.schema_version == factories.f.SCHEMA_VERSION
    assert run.facts.period.label == "2026Q2"
    assert len(run.customers) == run.facts.quality.customers_read
    assert len(run.profiles) == run.facts.quality.customers_used
