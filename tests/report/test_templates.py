"""Templates of the utility's own: a copy to begin with, and what a check finds."""

import re
from pathlib import Path

import factories
import pypdf
import pytest

from reporter.errors import UsageError
from reporter.figures import draw_all
from reporter.figures.registry import Drawn
from reporter.report import render_html, render_pdf
from reporter.report.templates import check_folder, example_themes, export_templates, list_templates
from reporter.report.theme import contrast, load_theme
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
        ("sections/who.html.j2", "<p id='who'>\n{{ reprot.title }}", ":2: there is nothing called 'reprot'; did you mean 'report'?"),
        ("sections/who.html.j2", "<p id='who'>\n{{ report.titel }}", ":2: there is no 'titel' in a ReportContext"),
        ("sections/who.html.j2", "{% if %}", ":1: "),
        ("sections/mine.html.j2", "<p>Mine</p>", "nothing uses this file"),
        ("theme.toml", '[colours]\naccent = "#ffcc00"', "colour 'accent' (#ffcc00) has a contrast of 1.5 to 1"),
        ("theme.toml", 'sections = ["decision", "weather"]', "theme.toml: 'sections' names 'weather', and there is no file sections/weather.html.j2; write it in "),
        ("theme.toml", 'sections = ["decisoin"]', "did you mean 'decision'?"),
        ("sections/decison.html.j2", '{% extends "default:sections/decision.html.j2" %}', "nothing uses this file; did you mean sections/decision.html.j2?"),
        ("decision.html.j2", '{% extends "default:sections/decision.html.j2" %}', "nothing uses this file; did you mean sections/decision.html.j2?"),
        ("sections/who.html.j2", '{% extends "sections/who.html.j2" %}', 'extends or includes itself; write "default:" before the name'),
        ("sections/who.html.j2", "<p id='who'>{{ report.title | kw2 }}", ":1: there is no filter 'kw2'; did you mean 'kw'?"),
        ("sections/who.html.j2", "<p id='who'>{{ parts.cite(1) }}", "nothing called 'parts'; begin the file with {% import \"partials/parts.html.j2\" as parts %}"),
        ("sections/who.html.j2", "<p>Who</p>", 'no element here has the id who, so links to this section lead nowhere; put <section id="who"> around it.'),
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
        "{% set n = report.facts.quality.customers_used %}{% block all %}<p id='mine'>{{ n | count }}</p>{% endblock %}"
    )
    assert check(tmp_path, run, figures) == []


def test_the_section_of_the_documents_works_on_screen_and_in_the_pdf(
    tmp_path: Path, run: Run, figures: dict[str, Drawn]
) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
    for file, text in re.findall(
        r"^```\w+ file=my-templates/(\S+).*?\n(.*?)^```", page, re.DOTALL | re.MULTILINE
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert check(tmp_path, run, figures) == []
    output = OutputSettings(templates=tmp_path)
    for medium in ("screen", "print"):
        html = render_html(run.facts, figures, output, medium=medium)  # type: ignore[arg-type]
        section = html.split('<section id="shares">')[1].split("</section>")[0]
        assert section.count("<rect") == len(run.facts.segments)
        assert 'href="#shares">Shares of the peak</a>' in html
        widths = [float(width) for width in re.findall(r'width="([\d.]+)"', section)]
        assert max(widths) == pytest.approx(227)
        assert min(widths) >= 0
    document = pypdf.PdfReader(render_pdf(html, tmp_path / "report.pdf", 0))
    text = next(p.extract_text() for p in document.pages if "The longest bar is" in p.extract_text())
    assert all(f"{segment.title}: " in text for segment in run.facts.segments)
    fonts = {str(font["/BaseFont"]) for p in document.pages for font in p["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert all("+Source-Sans-Pro" in font for font in fonts)


def test_what_is_asked_for_most_can_be_written_as_the_documents_say(
    tmp_path: Path, run: Run, figures: dict[str, Drawn]
) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
    part = page.split("## I want to show …")[1].split("\n## ")[0]
    lines = re.findall(r"^- (.+?): `(.+)`$", part, re.MULTILINE)
    assert len(lines) == part.count("\n- ")
    (tmp_path / "sections").mkdir()
    body = "".join(f'<p id="shown-{place}">[{written}]</p>' for place, (_, written) in enumerate(lines))
    (tmp_path / "sections/shown.html.j2").write_text(f'<section id="shown">{body}</section>')
    (tmp_path / "theme.toml").write_text('organisation = "Our Utility"\nsections = ["decision", "shown"]\n')
    html = render_html(run.facts, figures, OutputSettings(templates=tmp_path))
    for place, (what, written) in enumerate(lines):
        shown = re.sub(r"<style.*?</style>", "", html.split(f'<p id="shown-{place}">[')[1].split("]</p>")[0])
        # What a run may lack stands behind a question, and the sample's first quarter lacks it.
        assert shown.strip() or written.startswith("{% if report."), what
    assert "Our Utility" in html.split('id="shown-')[-1]


def test_contrast_by_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_sample_run_can_be_read_and_is_of_this_version(run: Run) -> None:
    assert run.facts.schema_version == factories.f.SCHEMA_VERSION
    assert run.facts.period.label == "2026Q2"
    assert len(run.customers) == run.facts.quality.customers_read
    assert len(run.profiles) == run.facts.quality.customers_used


@pytest.mark.parametrize("name", example_themes())
def test_the_example_themes_pass_the_check_and_change_the_report(name: str, tmp_path: Path) -> None:
    export_templates(tmp_path / name, name)
    run = read_run(sample_run())
    own = OutputSettings(templates=tmp_path / name)
    theme = load_theme(own)
    figures = draw_all(run.facts, run.profiles, theme.palette, theme.people)
    assert check_folder(tmp_path / name, run.facts, figures, OutputSettings(), run.target_list()) == []
    html = render_html(run.facts, figures, own, theme=theme, targets=run.target_list())
    if name == "brand":
        assert 'id="next-steps"' in html and "Example Power" in html and "data:image/svg+xml" in html
    else:
        assert 'id="glossary"' not in html
        assert (
            len({colour for colour in theme.palette.segments if len(set(re.findall("..", colour[1:]))) > 1})
            == 0
        )


def test_an_example_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no example theme 'loud'; there are brand, compact"):
        export_templates(tmp_path / "out", "loud")
