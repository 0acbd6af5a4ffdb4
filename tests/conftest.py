"""What every test stands on: no settings from the machine, and the real data where they are."""

import os
from pathlib import Path

import pytest

# Read before the environment is cleared: to reporter itself, a variable of that name would be a setting.
_NAMED = os.environ.get("REPORTER_REAL_DATA")
_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    # Ibis calls its engine by names that the engine is about to drop; Ibis is pinned, and nothing here can change that.
    config.addinivalue_line(
        "filterwarnings", r"ignore:fetch_(arrow_table|record_batch)\(\) is deprecated:DeprecationWarning"
    )


@pytest.fixture(autouse=True)
def no_settings_from_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name in os.environ:
        if name.startswith("REPORTER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-settings"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(_NAMED) if _NAMED else _BESIDE
    if not folder.is_dir():
        pytest.skip(f"the real data are not at {folder}; name their folder with REPORTER_REAL_DATA")
    return folder
