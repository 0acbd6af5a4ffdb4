"""``config``: a file to begin with, and what counts."""

import json
import re
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reporter.cli import main
from reporter.settings import Settings, names, resolve
from reporter.settings_file import as_toml, settings_template

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["reporter", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return (int(ended.value.code or 0), *capfd.readouterr())

    return run


def uncommented(text: str) -> str:
    return re.sub(r"^#(?=\w+ = |    |])", "", text, flags=re.MULTILINE)


def test_the_file_as_written_sets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(settings_template(), encoding="utf-8")
    resolved = resolve(config_file=path, environment={})
    assert (resolved.settings, resolved.origins) == (Settings(), {})


def test_the_file_uncommented_gives_every_default_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(uncommented(settings_template()), encoding="utf-8")
    resolved = resolve(config_file=path, environment={})
    assert resolved.settings == Settings()
    assert list(resolved.origins) == list(names())
    assert set(resolved.origins.values()) == {str(path)}


def test_the_file_describes_every_setting_above_its_line() -> None:
    text = settings_template()
    assert list(tomllib.loads(text)) == [
        name for name in Settings.model_fields if any(key.startswith(f"{name}.") for key in names())
    ]
    flat = re.sub(r"\n# ", " ", text)
    for name, description in names().items():
        key = name.rsplit(".", 1)[-1]
        assert re.search(rf"^.*{re.escape(description)}.*\n#{key} = ", flat, flags=re.MULTILINE), name
    assert (
        '(default: from the column\'s name or a column of units, else kWh): "kwh", "wh", "kw", "mwh", "w"'
        in flat
    )
    assert max(map(len, text.splitlines())) <= 110


def test_one_line_uncommented_and_changed_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(settings_template().replace("#k_max = 10", "k_max = 8"), encoding="utf-8")
    resolved = resolve(config_file=path, environment={})
    assert resolved.settings.segments.k_max == 8
    assert list(resolved.origins) == ["segments.k_max"]


def test_an_empty_text_takes_back_what_the_user_file_gave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    user = tmp_path / "home" / "reporter" / "reporter.toml"
    user.parent.mkdir(parents=True)
    user.write_text('[output]\norganisation = "Example Power"\n[segments]\nk = 4\n', encoding="utf-8")
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "home"), "REPORTER_SEGMENTS__K": ""}
    (tmp_path / "reporter.toml").write_text('[output]\norganisation = ""\n', encoding="utf-8")
    settings = resolve(environment=environment).settings
    assert (settings.output.organisation, settings.segments.k) == (None, None)


def test_a_user_file_that_may_not_be_looked_at_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", refused)
    assert resolve(environment={"HOME": "/root"}).settings == Settings()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, '""'),
        (True, "true"),
        (3, "3"),
        (1e-05, "1e-05"),
        (date(2026, 7, 1), "2026-07-01"),
        ('a "b" \\ ü\n\x7f', '"a \\"b\\" \\\\ ü\\n\\u007f"'),
        (Path("my templates"), '"my templates"'),
        (("a", "b"), '["a", "b"]'),
        ((), "[]"),
        ({"a b": 1}, '{ "a b" = 1 }'),
    ],
)
def test_values_as_toml_are_read_back(value: Any, text: str) -> None:
    assert as_toml(value) == text
    read = tomllib.loads(f"value = {text}")["value"]
    expected = {type(None): lambda _: "", Path: str, Path("x").__class__: str, tuple: list}
    assert read == expected.get(type(value), lambda same: same)(value)


def test_init_writes_the_file_and_says_where(call: Call, tmp_path: Path) -> None:
    assert call("config", "init") == (0, "reporter.toml\n", "")
    assert (tmp_path / "reporter.toml").read_text(encoding="utf-8") == settings_template()
    assert call("config", "init", "--out", "Zähler 1.toml")[:2] == (0, "Zähler 1.toml\n")


def test_init_replaces_a_file_by_force_only(call: Call, tmp_path: Path) -> None:
    mine = tmp_path / "reporter.toml"
    mine.write_text("seed = 3\n", encoding="utf-8")
    status, out, err = call("config", "init")
    assert (status, out) == (2, "")
    assert re.fullmatch(r"reporter: reporter\.toml: is there already; [^\n]*--force\.\n", err)
    assert mine.read_text(encoding="utf-8") == "seed = 3\n"
    assert call("config", "init", "--force")[0] == 0
    assert mine.read_text(encoding="utf-8") == settings_template()


@pytest.mark.parametrize(("out", "words"), [("none/x.toml", "can't be written"), (".", "is a folder")])
def test_a_place_that_cannot_be_written_is_one_sentence(out: str, words: str, call: Call) -> None:
    status, _, err = call("config", "init", "--out", out)
    assert status == 2
    assert words in err and err.count("\n") == 1


def test_show_says_value_and_origin_in_columns(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reporter.toml").write_text("[segments]\nk_max = 8\n", encoding="utf-8")
    monkeypatch.setenv("REPORTER_SEED", "7")
    status, out, _ = call("config", "show")
    rows = [re.split(r" {2,}", line) for line in out.splitlines()]
    assert status == 0
    assert [row[0] for row in rows] == list(names())
    found = {row[0]: row[1:] for row in rows}
    assert found["seed"] == ["7", "environment variable REPORTER_SEED"]
    assert found["segments.k_max"] == ["8", "reporter.toml"]
    assert found["segments.k"] == ["not given", "default"]
    assert found["output.formats"] == ['["html", "pdf", "xlsx"]', "default"]
    starts = {line.index(row[1]) for line, row in zip(out.splitlines(), rows, strict=True)}
    assert starts == {max(map(len, names())) + 2}


def test_show_as_json_has_values_as_they_are(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTER_PEAK__SEASON", "[6, 7]")
    shown = json.loads(call("config", "show", "--json")[1])
    assert list(shown) == list(names())
    assert shown["peak.season"] == {"value": [6, 7], "origin": "environment variable REPORTER_PEAK__SEASON"}
    assert shown["segments.k"] == {"value": None, "origin": "default"}


def test_a_slip_in_the_file_gets_the_nearest_name(call: Call, tmp_path: Path) -> None:
    (tmp_path / "reporter.toml").write_text("[segments]\nkmax = 8\n", encoding="utf-8")
    status, out, err = call("config", "show")
    assert (status, out) == (2, "")
    assert err == (
        "reporter: reporter.toml: there is no setting 'segments.kmax'; did you mean 'segments.k_max'?\n"
    )
