"""A page over a folder of runs."""

import shutil
from pathlib import Path

import pytest

from reporter.compare import compare
from reporter.errors import UsageError
from reporter.report.comparison import render_comparison
from reporter.report.index import write_index
from reporter.resources import sample_run
from reporter.run import read_run, write_json
from reporter.settings import OutputSettings, Settings


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    shutil.copytree(sample_run(), tmp_path / "2026 Q2 <b>")
    (tmp_path / "2026 Q2 <b>" / "report.html").write_text("report")
    run = read_run(sample_run())
    compared = compare([run, run], Settings())
    (tmp_path / "same").mkdir()
    write_json(tmp_path / "same" / "comparison.json", compared.comparison.model_dump(mode="json"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "facts.json").write_text('{"schema_version": "0.1"}')
    (tmp_path / "other").mkdir()
    return tmp_path


def test_runs_comparisons_and_what_cannot_be_read_are_there(reports: Path) -> None:
    page = write_index(reports, OutputSettings()).read_text(encoding="utf-8")
    assert '<a href="2026%20Q2%20%3Cb%3E/report.html">HTML</a>' in page
    assert "1\u00a0report and 1\u00a0comparison" in page
    assert "0\u00a0% of customers moved, no more than noise" in page
    assert "broken/facts.json: written with schema 0.1" in page
    assert "<b>" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_the_organisation_or_its_logo_stands_above_index_and_comparison(reports: Path) -> None:
    own = reports / "own"
    own.mkdir()
    (own / "theme.toml").write_text('logo = "logo.svg"')
    (own / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    run = read_run(sample_run())
    comparison = compare([run, run], Settings()).comparison
    for output, words in (
        (OutputSettings(organisation="Example Power"), '<p class="organisation">Example Power</p>'),
        (OutputSettings(templates=own), '<img class="logo" src="data:image/svg+xml'),
    ):
        html = output.model_copy(update={"formats": ("html",)})
        assert words in write_index(reports, html).read_text(encoding="utf-8")
        render_comparison(reports, comparison, html)
        assert words in (reports / "comparison.html").read_text(encoding="utf-8")


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        write_index(tmp_path, OutputSettings())
    with pytest.raises(UsageError, match="no such folder"):
        write_index(tmp_path / "missing", OutputSettings())
