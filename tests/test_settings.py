"""Settings: every source in its order, and a sentence for each mistake."""

from pathlib import Path
from typing import Any

import pytest

from reporter.errors import UsageError
from reporter.settings import Settings, names, resolve


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_flag_beats_environment_beats_project_beats_user_beats_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = write(
        tmp_path / "home" / "reporter" / "reporter.toml",
        "seed = 1\n[segments]\nk_min = 3\nk_max = 7\nstarts = 4\n[audit]\nmin_days = 3\n",
    )
    monkeypatch.chdir(tmp_path)
    project = write(tmp_path / "reporter.toml", "seed = 2\n[segments]\nk_max = 8\nstarts = 5\n")
    environment = {
        "XDG_CONFIG_HOME": str(tmp_path / "home"),
        "REPORTER_SEED": "3",
        "REPORTER_SEGMENTS__STARTS": "6",
    }
    resolved = resolve({"seed": 4, "readings.timezone": None}, environment=environment)
    settings = resolved.settings
    assert settings.seed == 4
    assert settings.segments.starts == 6
    assert settings.segments.k_max == 8
    assert settings.segments.k_min == 3
    assert settings.audit.min_days == 3
    assert settings.segments.bootstraps == Settings().segments.bootstraps
    assert resolved.origins == {
        "seed": "flag --seed",
        "segments.starts": "environment variable REPORTER_SEGMENTS__STARTS",
        "segments.k_max": "reporter.toml",
        "segments.k_min": str(user),
        "audit.min_days": str(user),
    }
    assert project.exists()


def test_a_named_file_stands_in_for_the_one_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "reporter.toml", "seed = 2")
    other = write(tmp_path / "other.toml", "[audit]\nmin_days = 3")
    resolved = resolve(config_file=other, environment={})
    assert (resolved.settings.seed, resolved.settings.audit.min_days) == (0, 3)


def test_nothing_given_is_all_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    resolved = resolve(environment={})
    assert resolved.settings == Settings()
    assert resolved.origins == {}


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"segments.k_mn": 3}, "did you mean 'segments.k_min'"),
        ({"reading.timezone": "UTC"}, "did you mean 'readings.timezone'"),
        ({"zzz": 1}, "reporter config show"),
        ({"segments.k": 0}, "flag --k: 'segments.k' = 0 is not valid"),
        ({"segments.k": "many"}, "'segments.k' = 'many' is not valid"),
        ({"readings.unit": "MWh"}, "'readings.unit' = 'MWh' is not valid"),
        ({"audit.min_coverage": 1.5}, "'audit.min_coverage' = 1.5 is not valid"),
        ({"peak.season": [0]}, "'peak.season' = 0 is not valid"),
        ({"peak.season": [13]}, "'peak.season' = 13 is not valid"),
        ({"peak.window": [16, 25]}, "'peak.window' = 25 is not valid"),
        ({"calendar.weekend": [7]}, "'calendar.weekend' = 7 is not valid"),
        ({"labels.rules": [{"label": "a", "peak": [-1, 4]}]}, "'labels.rules.peak' = -1 is not valid"),
        ({"output.formats": ["html", "docx"]}, "'output.formats' = 'docx' is not valid"),
        ({"targets.enrolment_rate": 0}, "'targets.enrolment_rate' = 0 is not valid"),
        ({"seed": -1}, "'seed' = -1 is not valid"),
        ({"segments.k_min": 6, "segments.k_max": 4}, r"smallest number of segments \(6\) is above the largest \(4\)"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_sentence(flags: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        resolve(flags, environment={})
    assert caught.value.exit_status == 2
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed = \n[audit]", "not a readable TOML file.*line 1"),
        ("seed = 'x'", "'seed' = 'x' is not valid"),
        ("segments = 4", r"'segments' is a section; write \[segments\]"),
        ("[segments.k]\nvalue = 4", "'segments.k'"),
        ("[segment]\nk = 4", "did you mean 'segments.k'"),
        ("[a.b.c]\nd = 1", "no setting 'a.b'"),
        (
            '[peak]\nwindow = "16-21"',
            r"'peak.window' = '16-21' is not valid: write a list in \[brackets\], such as \[16, 21\]\.",
        ),
        ("[peak]\nwindow = [16]", "an entry is missing"),
        ("[segments]\nk = 'four'", "write a whole number"),
        ('[output]\nlogo = "logo.svg"', "no setting 'output.logo'; it stands in theme.toml"),
    ],
)
def test_mistakes_in_a_file_name_the_file(text: str, words: str, tmp_path: Path) -> None:
    path = write(tmp_path / "mine.toml", text)
    with pytest.raises(UsageError, match=words) as caught:
        resolve(config_file=path, environment={})
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such settings file"):
        resolve(config_file=tmp_path / "none.toml", environment={})
    (tmp_path / "noise.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not a readable TOML file"):
        resolve(config_file=tmp_path / "noise.toml", environment={})


def test_a_mistake_in_the_environment_names_the_variable() -> None:
    with pytest.raises(UsageError, match=r"REPORTER_SEGMENTS__K_MNI: .*did you mean 'segments.k_min'"):
        resolve(environment={"REPORTER_SEGMENTS__K_MNI": "3"})


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("READINGS__TIMEZONE", "Europe/London", "Europe/London"),
        ("READINGS__PERIOD", "2026", "2026"),
        ("SEGMENTS__K", "4", 4),
        ("PEAK__SEASON", "[12, 1, 2]", (12, 1, 2)),
        ("TARGETS__GOAL_KW", "1.5", 1.5),
    ],
)
def test_variables_are_read_as_toml_or_else_as_text(variable: str, text: str, value: Any) -> None:
    resolved = resolve(environment={f"REPORTER_{variable}": text})
    (name,) = resolved.origins
    found: Any = resolved.settings
    for part in name.split("."):
        found = getattr(found, part)
    assert found == value


def test_every_setting_is_described_and_can_be_set_by_its_name() -> None:
    described = names()
    assert all(described.values())
    for name in described:
        value: Any = Settings()
        for part in name.split("."):
            value = getattr(value, part)
        assert resolve({name: value}, environment={}).settings == Settings(), name


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().seed = 3
