"""The documents: generated parts are up to date, every block of code runs, every quoted sentence is one of ours."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reporter.facts import Comparison, Facts
from reporter.money import read_costs, read_tariff
from reporter.report.theme import load_theme
from reporter.run import SavedSegmentation
from reporter.settings import OutputSettings, resolve
from reporter.targets import read_catalogue

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ELSEWHERE = {"docs/bare-machine.md": 4}
"""Pages whose blocks need root or a network, and how many they have."""

NOT_RUN = {"README.md": 3}
"""Blocks marked ``no-run``: they install something or need make."""

SHOWN = {"", "text", "bat", "crontab", "xml", "jinja"}
"""Languages of blocks that no program of ours reads by itself."""

FAST = {
    "REPORTER_SEGMENTS__BOOTSTRAPS": "2",
    "REPORTER_SEGMENTS__K_MAX": "2",
    "REPORTER_SEGMENTS__STARTS": "2",
    "REPORTER_OUTPUT__FORMATS": '["html"]',
}


@dataclass(frozen=True)
class Block:
    """A fenced block of code: ``word`` and ``key=value`` after its language are marks for this test."""

    page: Path
    line: int
    language: str
    marks: dict[str, str] = field(hash=False)
    text: str = field(hash=False)

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    found = []
    pattern = r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$"
    content = page.read_text(encoding="utf-8")
    for match in re.finditer(pattern, content, flags=re.MULTILINE | re.DOTALL):
        language, *marks = match["info"].split() or [""]
        named = dict((mark.split("=", 1) if "=" in mark else (mark, "")) for mark in marks)
        line = content[: match.start()].count("\n") + 1
        found.append(Block(page, line, language, named, match["text"]))
    return found


BLOCKS = [block for page in PAGES for block in blocks(page)]


def script(page: Path) -> str:
    """All blocks of a page as one bash script, in their order."""
    lines = ["set -euo pipefail"]
    for number, block in enumerate(blocks(page)):
        runs = block.language in {"sh", "python"} and not block.marks.keys() & {"no-run", "run-in", "file"}
        if not runs and "file" not in block.marks:
            continue
        lines.append(f"echo '# {block.name}' >&2")
        if "file" in block.marks:
            file = block.marks["file"]
            lines.append(
                f"mkdir -p \"$(dirname '{file}')\"\ncat > '{file}' <<'END-{number}'\n{block.text}END-{number}"
            )
        elif block.language == "python":
            lines.append(f"python - <<'END-{number}'\n{block.text}END-{number}")
        elif "fails" in block.marks:
            lines.append(
                f"status=0\n( {block.text.strip()} ) || status=$?\n[ $status -eq {block.marks['fails']} ]"
            )
        else:
            lines.append(block.text)
    return "\n".join(lines)


def run_page(page: Path, folder: Path) -> str:
    """Run a page in a folder with the commands of this environment on the path; what it printed."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "reporter").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reporter "$@"\n')
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    (folder / "page.sh").write_text(script(page))
    done = subprocess.run(
        ["bash", "page.sh"],
        cwd=folder,
        env={**os.environ, **FAST, "HOME": str(folder), "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, f"{page.name} stops with {done.returncode}:\n{done.stdout}"
    return done.stdout


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_parts_are_up_to_date() -> None:
    stale = [
        path.name
        for path, text in load("docs").pages().items()
        if not path.is_file() or path.read_text("utf-8") != text
    ]
    assert not stale, f"{', '.join(stale)}: run `make docs`"


def test_the_guide_runs(tmp_path: Path) -> None:
    page = ROOT / "docs" / "guide.md"
    out = run_page(page, tmp_path)
    shown = [
        line for b in blocks(page) if b.language == "text" for line in b.text.splitlines() if line != "…"
    ]
    assert [line for line in shown if line not in out.splitlines()] == []

    work = tmp_path / "demand-response"
    first = (work / "reports" / "2026Q2" / "report.html").read_text(encoding="utf-8")
    assert "Our pilot of last winter" in first
    assert 'class="logo" src="data:image/svg+xml' in first
    assert "Example Power" in first
    second = (work / "reports" / "2026Q3" / "report.html").read_text(encoding="utf-8")
    assert "Our pilot of last winter" in second
    offers = (work / "call-centre.csv").read_text().splitlines()
    assert len(offers) > 1
    assert "holdout" not in "".join(offers)
    assert (work / "reports" / "2026Q2-2026Q3" / "comparison.html").is_file()

    run_page(ROOT / "docs" / "templates.md", work)
    third = (work / "reports" / "2026Q3" / "report.html").read_text(encoding="utf-8")
    assert "Read this with the load forecast of 2026Q3" in third
    assert ".house-note" in third
    assert '<section id="shares">' in third
    # In a first quarter there is nothing to compare with, and a customer file may be missing; twice is no mistake.
    (work / "customers.csv").unlink()
    for _ in range(2):
        path = f"{tmp_path / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "quarter.sh", "2026Q2", "2026Q1"],
            cwd=work, env={**os.environ, **FAST, "PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
    assert not (work / "reports" / "2026Q1-2026Q2").exists()
    files_hold_their_schemas(work / "reports" / "2026Q3", work / "reports" / "2026Q2-2026Q3")


def files_hold_their_schemas(run: Path, comparison: Path) -> None:
    for name, file, model in (
        ("facts", run / "facts.json", Facts),
        ("segmentation", run / "segmentation.json", SavedSegmentation),
        ("comparison", comparison / "comparison.json", Comparison),
    ):
        schema = json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
        content = json.loads(file.read_text(encoding="utf-8"))
        assert list(errors(content, schema, schema)) == []
        model.model_validate(content)


def errors(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "") -> list[str]:
    """What a value breaks of a JSON Schema, as far as ours use the standard."""
    if "$ref" in schema:
        return errors(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, at)
    if "anyOf" in schema:
        tried = [errors(value, option, root, at) for option in schema["anyOf"]]
        return [] if [] in tried else [f"{at}: {value!r} fits none of {len(tried)}"]
    kinds: dict[str, Any] = {
        "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None),
    }  # fmt: skip
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{at}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    found = []
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        found += [f"{at}: '{key}' is missing" for key in schema.get("required", []) if key not in value]
        for key, inner in value.items():
            if key in known:
                found += errors(inner, known[key], root, f"{at}/{key}")
            elif others is False:
                found.append(f"{at}: '{key}' is not known")
            elif isinstance(others, dict):
                found += errors(inner, others, root, f"{at}/{key}")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{at}: {len(value)} items")
        found += [
            e
            for n, item in enumerate(value)
            for e in errors(item, schema.get("items", {}), root, f"{at}/{n}")
        ]
    return found


def test_the_check_of_schemas_sees_what_is_wrong() -> None:
    schema = json.loads((ROOT / "docs" / "schema" / "segmentation.schema.json").read_text(encoding="utf-8"))
    good = {
        "schema_version": "1",
        "normalise": "l2",
        "segments": [{"label": "flat"}],
        "centroids": [[0.1, 1]],
    }
    assert errors(good, schema, schema) == []
    for key, value in (
        ("normalise", "l9"),
        ("segments", [{"label": 3}]),
        ("centroids", [["x"]]),
        ("more", 1),
    ):
        assert errors({**good, key: value}, schema, schema), key
    del good["centroids"]
    assert errors(good, schema, schema)


def test_the_readme_runs(tmp_path: Path) -> None:
    reporter = [sys.executable, "-m", "reporter"]
    sample = [*reporter, "sample", "--customers", "30", "--days", "14", "--out", "readings.csv"]
    subprocess.run(sample, cwd=tmp_path, check=True, capture_output=True)
    run_page(ROOT / "README.md", tmp_path)
    assert (tmp_path / "reports" / "2026Q3" / "report.html").is_file()


@pytest.mark.parametrize("name", ["settings", "troubleshooting"])
def test_short_pages_run(name: str, tmp_path: Path) -> None:
    run_page(ROOT / "docs" / f"{name}.md", tmp_path)


def test_each_example_of_a_format_is_read(tmp_path: Path) -> None:
    out = run_page(ROOT / "docs" / "formats.md", tmp_path)
    customers = re.findall(r"^ *Customers +(\d+) read", out, flags=re.MULTILINE)
    readings = re.findall(r"^ *Readings +(\d+)", out, flags=re.MULTILINE)
    # Long, periods, days, columns, channels, Parquet, Green Button's XML and CSV, NEM12.
    assert [int(n) for n in customers] == [2, 1, 2, 3, 1, 2, 1, 1, 1]
    assert [int(n) for n in readings] == [4, 4, 96, 12, 4, 4, 2, 3, 96]


def test_every_block_is_of_a_known_kind_and_few_are_not_run() -> None:
    counted = Counter(
        str(block.page.relative_to(ROOT))
        for block in BLOCKS
        if block.language in {"sh", "python"} and "no-run" in block.marks
    )
    assert dict(counted) == NOT_RUN
    elsewhere = Counter(
        str(b.page.relative_to(ROOT))
        for b in BLOCKS
        if b.language == "sh" and str(b.page.relative_to(ROOT)) in ELSEWHERE
    )
    assert dict(elsewhere) == ELSEWHERE
    ran = {
        "README.md",
        "docs/guide.md",
        "docs/settings.md",
        "docs/formats.md",
        "docs/troubleshooting.md",
        "docs/templates.md",
        *ELSEWHERE,
    }
    for block in BLOCKS:
        assert block.language in SHOWN | {"sh", "python", "toml"}, block.name
        if "run-in" in block.marks:
            assert f'"{block.text.split()[1]}"' in (ROOT / block.marks["run-in"]).read_text(), block.name
        if block.language in {"sh", "python"}:
            assert str(block.page.relative_to(ROOT)) in ran, f"{block.name} is run by no test"


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "toml"], ids=lambda block: block.name)
def test_toml_is_what_it_says(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "example.toml"
    file.write_text(block.text, encoding="utf-8")
    if "theme" in block.marks:
        logo = re.search(r'^logo = "(.+?)"', block.text, flags=re.MULTILINE)
        if logo:
            (tmp_path / logo[1]).write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        for other in blocks(block.page):
            # Sections that the theme names and the page writes.
            if "file" in other.marks and other.language == "jinja":
                (tmp_path / "sections").mkdir(exist_ok=True)
                (tmp_path / "sections" / Path(other.marks["file"]).name).write_text(other.text)
        load_theme(OutputSettings(theme=file, templates=tmp_path))
    elif "costs" in block.marks:
        assert read_costs(file, {program.id for program in read_catalogue().program}).program
    elif "tariff" in block.marks:
        assert read_tariff(file).proposed is not None
    else:
        assert resolve(config_file=file, environment={}).origins


def source() -> str:
    """The code as one text, with sentences that stand on several lines joined."""
    files = [*(ROOT / "reporter").rglob("*.py")]
    return re.sub(r'"\s+f?"', "", "\n".join(file.read_text(encoding="utf-8") for file in sorted(files)))


def test_troubleshooting_quotes_sentences_of_ours() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^\*\*`(.+?)`\*\*", text, flags=re.MULTILINE)
    code = source()
    parts = [(sentence, part.strip()) for sentence in quoted for part in sentence.split("…")]
    assert len(quoted) >= 30
    assert [(sentence, part) for sentence, part in parts if part not in code] == []


def test_every_finding_is_explained() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    code = "\n".join(f.read_text("utf-8") for f in sorted((ROOT / "reporter").rglob("*.py")))
    names = set(re.findall(r'\bname="([a-z]+(?:-[a-z]+)+)"', code)) | set(
        re.findall(r'\badd\(\s*"([a-z-]+)"', code)
    )
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", text, flags=re.MULTILINE))
    assert sorted(names - explained) == []


def test_links_lead_somewhere() -> None:
    broken = []
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if target.startswith(("http:", "https:")):
                continue
            file = (page.parent / path).resolve() if path else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def anchors(page: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_heading_of_a_page_is_its_own(page: Path) -> None:
    assert [anchor for anchor, number in Counter(anchors(page)).items() if number > 1] == []


def test_settings_name_only_flags_that_set_them() -> None:
    rows = re.findall(r"^\| `(\w+)` .*\| `(--[a-z-]+)` \|$", load("docs").settings(), flags=re.MULTILINE)
    assert ("k_min", "--k-range") in rows
    assert [row for row in rows if row[1] in {"--customers", "--events", "--temperature"}] == []


def test_commands_have_no_empty_table() -> None:
    assert "|  |\n| --- |" not in load("docs").commands()
    assert "\n\n\n" not in load("docs").commands()


def test_pictures_are_there_and_small() -> None:
    pictures = sorted((ROOT / "docs" / "images").glob("*.png"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(pictures) == 2
    assert sum(picture.stat().st_size for picture in pictures) < 300_000
    assert [p.name for p in pictures if f"docs/images/{p.name}" not in readme] == []


def test_decisions_are_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d\d-[a-z-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_lists_docs_and_pictures() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "make docs" in listed
    assert "make pictures" in listed
