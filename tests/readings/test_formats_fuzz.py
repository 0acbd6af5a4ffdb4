"""A short run of ``benchmarks/fuzz.py``: broken files of every format end in readings or in one sentence."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", ROOT / "benchmarks" / "fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["delimited", "wide", "parquet", "green_button", "nem12", "zip"])
def test_broken_files_end_in_readings_or_in_one_sentence(kind: str, fuzz: ModuleType, tmp_path: Path) -> None:
    assert fuzz.fuzz(fuzz.made(tmp_path)[kind], 25, number=1) == 25
