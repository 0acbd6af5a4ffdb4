"""The target list as a workbook: what a spreadsheet program would read from it."""

from datetime import datetime
from pathlib import Path
from typing import get_args

import openpyxl
import pandas as pd
import pytest

from reporter.report import workbook, write_workbook
from reporter.resources import sample_run
from reporter.run import Run, read_run
from reporter.targets.rows import EnrolmentBasis

HOSTILE = ["=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "007", "1e5", "http://example.org", "<b>", "'x"]


@pytest.fixture(scope="module")
def run() -> Run:
    return read_run(sample_run())


def test_columns_are_typed_filtered_frozen_and_explained(run: Run, tmp_path: Path) -> None:
    targets = run.target_list()
    book = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", targets, run.facts))
    sheet = book["Targets"]
    assert sheet.max_row == len(targets) + 1
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == f"A1:G{len(targets) + 1}"
    assert all(cell.comment is not None for cell in sheet[1])
    for place, cells in enumerate(sheet.iter_rows(min_row=2), 0):
        rank, customer, _, program, _, kw, reason = (cell.value for cell in cells)
        assert rank == place + 1
        assert customer == targets["customer_id"][place]
        assert program != targets["program"][place], "the program's title, not its short name"
        assert kw == pytest.approx(float(targets["expected_kw"][place]))
        assert reason == targets["reason"][place]
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert f"{run.facts.targets.recommended_offers:,} offers" in about["List"]


@pytest.mark.parametrize("basis", get_args(EnrolmentBasis))
def test_the_condition_of_the_reduction_and_its_range_are_said(basis: str, run: Run, tmp_path: Path) -> None:
    targets = run.facts.targets.model_copy(update={"enrolment_basis": basis})
    facts = run.facts.model_copy(update={"targets": targets})
    book = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", run.target_list(), facts))
    said = {row[0].value: str(row[1].value) for row in book["About"].iter_rows()}["Reduction"]
    assert f"{targets.low_kw:.2g} to {targets.high_kw:.2g} kW" in said
    assert ("if everybody" in said) == (basis == "none")
    assert ("past offers" in said) == basis.startswith("history")


def test_no_id_is_a_formula_a_number_or_a_link(run: Run, tmp_path: Path) -> None:
    targets = pd.concat([run.target_list().head(1)] * len(HOSTILE), ignore_index=True).assign(
        customer_id=HOSTILE
    )
    sheet = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", targets, run.facts))["Targets"]
    for cell, wanted in zip(sheet["B"][1:], HOSTILE, strict=True):
        assert cell.data_type == "s"
        assert cell.value == wanted
        assert cell.hyperlink is None


def test_the_same_list_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    targets = run.target_list()
    one, other = (
        write_workbook(tmp_path / name, targets, run.facts).read_bytes() for name in ("a.xlsx", "b.xlsx")
    )
    assert one == other
    created = openpyxl.load_workbook(tmp_path / "a.xlsx").properties.created
    assert created == datetime.combine(run.facts.period.end, datetime.min.time())


def test_a_list_longer_than_a_sheet_goes_on_in_the_next(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "ROWS_MAX", 10)
    targets = pd.concat([run.target_list()] * 25, ignore_index=True).head(25)
    targets["customer_id"] = [f"C{n}" for n in range(25)]
    book = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", targets, run.facts))
    sheets = [book[name] for name in ("Targets", "Targets 2", "Targets 3")]
    assert [row[1].value for sheet in sheets for row in sheet.iter_rows(min_row=2)] == targets[
        "customer_id"
    ].tolist()


def test_an_empty_list_is_a_header(run: Run, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", run.target_list().head(0), run.facts))
    assert book["Targets"].max_row == 1
