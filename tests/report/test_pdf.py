import os
import subprocess
import sys
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pydyf  # type: ignore[import-untyped]
import pypdf
import pytest
from factories import run
from weasyprint import svg

from reporter.errors import RenderingError
from reporter.facts import Facts
from reporter.figures import draw_all
from reporter.report import created_epoch, pdf, pdf_child, render_html, render_pdf, write_report
from reporter.resources import sample_run
from reporter.run import read_run
from reporter.settings import OutputSettings


def make(path: Path, output: OutputSettings | None = None, **options: Any) -> tuple[Path, Facts]:
    facts, profiles = run(customers=300, **options)
    html = render_html(facts, draw_all(facts, profiles), output or OutputSettings(), medium="print")
    return render_pdf(html, path, created_epoch(facts)), facts


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(
        tmp_path_factory.mktemp("pdf") / "report.pdf", OutputSettings(organisation="Example Power"), k=4
    )[0]


def test_the_pdf_is_small_tagged_titled_and_in_english(document: Path) -> None:
    assert document.stat().st_size < 3_000_000
    with pikepdf.open(document) as opened:
        assert opened.Root.Lang == "en"
        assert bool(opened.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in opened.Root
        assert "Load-shape segments" in str(opened.docinfo.Title)
        with opened.open_metadata() as metadata:
            assert str(metadata["{http://www.aiim.org/pdfua/ns/id/}part"]) == "1"


def test_what_a_checker_of_pdf_ua_can_see_is_right(document: Path) -> None:
    from pdfua import validate

    assert [str(finding) for finding in validate(str(document)).findings] == []


def test_headers_of_tables_say_what_they_head(document: Path) -> None:
    scopes: dict[str, int] = {}
    with pikepdf.open(document) as opened:
        for item in opened.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == pikepdf.Name.TH:
                scope = str(item.A.Scope)
                scopes[scope] = scopes.get(scope, 0) + 1
                assert (scope == "/Column") == (str(item.P.P.S) == "/THead")
    assert min(scopes["/Column"], scopes["/Row"]) > 10


def test_bookmarks_lead_to_every_section_and_segment(document: Path) -> None:
    with pikepdf.open(document) as opened, opened.open_outline() as outline:
        names = [item.title for item in outline.root]
        below = [item.title for parent in outline.root for item in parent.children]
    assert names[:2] == ["The decision", "Why these customers"]
    assert "Who they are" in names
    assert "Glossary" in names
    assert "Evening peak" in below and len(below) == 4


def test_fonts_are_embedded_and_there_is_one_family(document: Path) -> None:
    families = set()
    with pikepdf.open(document) as opened:
        for item in opened.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                assert any(key in item for key in ("/FontFile", "/FontFile2", "/FontFile3"))
                families.add(str(item["/FontName"]).split("+")[-1].split("-")[0])
    assert families == {"Source"}


def test_figures_have_alt_texts(document: Path) -> None:
    with pikepdf.open(document) as opened:
        figures = [
            item
            for item in opened.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == pikepdf.Name.Figure
        ]
        assert len(figures) >= 10
        assert all(len(str(figure.Alt)) > 40 for figure in figures)


def test_pages_are_numbered_and_the_contents_point_at_them(document: Path) -> None:
    from pypdf import PdfReader

    reader = PdfReader(document)
    pages = [page.extract_text() for page in reader.pages]
    assert "Contents" in pages[0] and "Glossary" in pages[0]
    trust = next(number for number, text in enumerate(pages, 1) if "What a reader must know" in text)
    assert str(trust) in pages[0]
    assert "Example Power" in pages[2]
    assert all(len(text.split()) > 40 for text in pages), [len(text.split()) for text in pages]


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_paper(tmp_path: Path, paper: Any, size: tuple[int, int]) -> None:
    path, _ = make(tmp_path / "report.pdf", OutputSettings(paper=paper), k=2)
    with pikepdf.open(path) as opened:
        box = [float(value) for value in opened.pages[0].MediaBox]
    assert (round(box[2]), round(box[3])) == size


_SCRIPT = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from factories import run
from reporter.report import write_report
from reporter.settings import OutputSettings
folder = Path(sys.argv[1]); folder.mkdir()
facts, profiles = run(k=3, customers=200)
write_report(folder, facts, profiles, OutputSettings())
"""


def test_the_same_bytes_under_another_hash_seed_locale_and_clock(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    here = Path(__file__).resolve()
    script.write_text(_SCRIPT.format(paths=[str(here.parents[2]), str(here.parents[1])]))
    plain = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    for name, change in (
        ("one", {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}),
        (
            "two",
            {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Pacific/Auckland"},
        ),
    ):
        subprocess.run(
            [sys.executable, str(script), str(tmp_path / name)], env={**plain, **change}, check=True
        )
    files = sorted(
        path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()
    )
    assert len(files) > 20
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_a_machine_without_fonts_can_make_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(f'<?xml version="1.0"?><fontconfig><cachedir>{tmp_path}/cache</cachedir></fontconfig>')
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    path, _ = make(tmp_path / "report.pdf", k=2)
    assert path.stat().st_size > 50_000


def _child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> None:
    script = tmp_path / "child.py"
    script.write_text(code)
    monkeypatch.setattr(pdf, "_CHILD", script)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
        (
            "raise OSError(\"cannot load library 'libpango-1.0-0'\")",
            "apt install libpango-1.0-0 libpangoft2-1.0-0",
        ),
        ("raise ModuleNotFoundError(\"No module named 'weasyprint'\")", "'weasyprint' is missing"),
        ("raise ValueError('odd')", "ValueError: odd"),
        ("pass", "The PDF could not be made"),
    ],
)
def test_a_failed_child_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    _child(monkeypatch, tmp_path, code)
    with pytest.raises(RenderingError) as caught:
        render_pdf("<p>x</p>" * 100_000, tmp_path / "report.pdf", 0)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert caught.value.exit_status == 4
    assert [path.name for path in tmp_path.iterdir()] == ["child.py"]


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, tmp_path, "import time; time.sleep(60)")
    with pytest.raises(RenderingError, match="took longer than"):
        render_pdf("<p>x</p>", tmp_path / "report.pdf", 0, timeout_s=0.5)


def test_a_failed_pdf_leaves_html_and_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, tmp_path, "raise ValueError('odd')")
    folder = tmp_path / "run"
    folder.mkdir()
    facts, profiles = run(k=2, customers=100)
    with pytest.raises(RenderingError):
        write_report(folder, facts, profiles, OutputSettings())
    assert (folder / "report.html").is_file()
    assert (folder / "figures" / "cover.png").is_file()
    assert not list(folder.glob("report.pdf*"))


@pytest.mark.parametrize("k", [1, 4, 12])
def test_the_summary_is_the_decision_on_one_page(tmp_path: Path, k: int) -> None:
    facts, profiles = run(k=k, customers=300)
    written = write_report(tmp_path, facts, profiles, OutputSettings(formats=("summary",)))
    assert tmp_path / "summary.pdf" in written
    assert not (tmp_path / "report.pdf").exists()
    pages = pypdf.PdfReader(tmp_path / "summary.pdf").pages
    assert len(pages) == 1
    text = " ".join(pages[0].extract_text().replace("\u00a0", " ").split())
    assert "What we need from you" in text
    assert "Who they are" not in text


def test_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
    )
    html = f'<html lang="en"><title>x</title><p>text</p><img alt="x" src="file://{secret}">'
    path = render_pdf(html, tmp_path / "report.pdf", 0)
    with pikepdf.open(path) as opened:
        assert b" re" not in opened.pages[0].Contents.read_bytes().replace(b" re\nW", b"")


def test_the_head_of_a_page_names_the_section_that_its_top_belongs_to(tmp_path: Path) -> None:
    sample = read_run(sample_run())
    html = render_html(
        sample.facts, draw_all(sample.facts, sample.profiles), OutputSettings(), medium="print"
    )
    document = render_pdf(html, tmp_path / "report.pdf", created_epoch(sample.facts))
    with pikepdf.open(document) as opened, opened.open_outline() as outline:
        names = {item.title for item in outline.root}
        cards = [item.title for parent in outline.root for item in parent.children]
    pages = [page.extract_text().strip().split("\n") for page in pypdf.PdfReader(document).pages]
    current, carried_over = "", 0
    for lines in pages[1:]:
        begun = [line for line in lines[:-4] if line in names]
        card = next((title for title in cards if lines[0].startswith(f"{title}:")), None)
        top = card or (lines[0] if lines[0] in names else current)
        carried_over += top == current and len(begun) > 0
        assert any(line.endswith(top) for line in lines[-4:]), (top, lines[0], lines[-4:])
        current = begun[-1] if begun else top
    assert carried_over, "no page of this report begins a section further down"


@pytest.mark.parametrize(
    ("outline", "drawn"),
    [
        ("M0 0q3 0 3 3z", "0 0 m\n2 0 3 1 3 3 c\nh"),
        ("M10 -5h20v-7l-20-3z", "10 -5 m\n30 -5 l\n30 -12 l\n10 -15 l\nh"),
        ("M10 10h5zM1 2v3", "10 10 m\n15 10 l\nh\n1 2 m\n1 5 l"),
    ],
)
def test_letters_of_figures_by_hand(outline: str, drawn: str) -> None:
    assert pdf_child.drawn(outline).decode() == drawn


def test_letters_of_figures_are_drawn_where_the_layout_engine_would() -> None:
    facts, profiles = run(customers=300)
    figure = ElementTree.fromstring(draw_all(facts, profiles)["segments"].svg)
    outlines = [path.get("d", "") for path in figure.iter("{http://www.w3.org/2000/svg}path")]
    ours = [outline for outline in outlines if pdf_child.LETTERS.fullmatch(outline)]
    assert 20 < len(ours) < len(outlines)
    stream = pydyf.Stream()
    engine = SimpleNamespace(stream=stream, point=lambda x, y, _: (float(x), float(y)))
    for outline in ours:
        stream.stream.clear()
        svg.TAGS["path"](engine, SimpleNamespace(get={"d": outline}.get, vertices=deque()), 8)
        # It begins at the origin before it moves to where the letters are.
        theirs = b"\n".join(stream.stream[1:]).decode().split()
        mine = pdf_child.drawn(outline).decode().split()
        assert [word for word in mine if word.isalpha()] == [word for word in theirs if word.isalpha()]
        for here, there in zip(mine, theirs, strict=True):
            assert here == there or abs(float(here) - float(there)) <= 0.5
