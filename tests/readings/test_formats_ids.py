"""Customer ids come from outside: they reach the results as they are, and harm nobody on the way."""

import csv
from pathlib import Path

import builders
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.run import _no_formula, _with_formula, read_run

HOSTILE = [
    "=cmd|' /C calc'!A0", "'=1+1", "@SUM(A1)", "+49123", "-7", " =x", "<script>alert(1)</script>", "{{ 7 * 7 }}", "../../etc/passwd",
    "/etc/passwd", "a/b", "NUL", "007", "7", "x", "X", "1e5", "NaN", "null", 'quo"te', "com,ma", "ß-ü",
]  # fmt: skip


@given(st.text(alphabet="'=+-@\t\r\n aA1<", max_size=6))
def test_a_neutralised_text_is_no_formula_and_comes_back(text: str) -> None:
    written = _no_formula(text)
    assert not written.lstrip().startswith(("=", "+", "-", "@"))
    assert not written.startswith(("\t", "\r", "\n"))
    assert _with_formula(written) == text


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_hostile_ids_reach_the_results_as_they_are(kind: str, tmp_path: Path) -> None:
    # Blanks around a cell of text are no part of it.
    ids = [name.strip() for name in HOSTILE]
    frame = builders.by_rule(
        lambda n, stamps: builders.EVENING[(stamps.hour + n % 3 * 8) % 24] + n / 100, customers=len(ids)
    )
    frame["customer_id"] = [ids[int(name[1:])] for name in frame["customer_id"]]
    path = builders.parquet(frame, tmp_path) if kind == "parquet" else tmp_path / "r.csv"
    if kind == "csv":
        frame.to_csv(path, index=False)
    run = read_run(builders.make_run(path, tmp_path / "run", audit__min_customers=10))
    assert set(run.customers["customer_id"]) == set(ids)
    assert len(run.targets)
    assert set(run.targets["target_id"]) <= set(ids)
    with (tmp_path / "run" / "targets.csv").open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    numbers = pd.to_numeric(pd.Series(cells), errors="coerce")
    texts = [cell for cell, number in zip(cells, numbers, strict=True) if pd.isna(number)]
    assert not [cell for cell in texts if cell.lstrip().startswith(("=", "+", "-", "@"))]
    # No id became part of a path.
    assert not [
        p for p in tmp_path.rglob("*") if any(name in p.name for name in ("script", "passwd", "calc"))
    ]
