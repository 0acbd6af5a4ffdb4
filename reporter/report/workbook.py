"""The target list as a workbook, for those who act on it: ``targets.xlsx``."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter.facts import Facts
from reporter.targets.rows import EnrolmentBasis
from reporter.words import counted

if TYPE_CHECKING:
    import pandas as pd

ROWS_MAX = 1_048_575
"""Rows of a sheet beneath its header; a longer list goes on in the next sheet."""

_COLUMNS: Mapping[str, tuple[str, int, str]] = {
    "target_rank": ("Place", 8, "1 comes first: the largest expected reduction in the peak hours."),
    "customer_id": ("Customer", 18, "As in the readings. Text, whatever it looks like."),
    "segment_label": ("Segment", 16, "The rule that named the customer's segment."),
    "program": ("Program", 24, "What to offer."),
    "group": ("Group", 10, "offer: make it. holdout: make none, so that the effect can be measured against them."),
    "expected_kw": ("Expected [kW]", 15, "Per offer, in the peak hours: likelihood of enrolment, where known, times the published effect."),
    "reason": ("Why", 110, "To read out, or to check."),
}  # fmt: skip
"""Column of ``targets.csv`` → header, width in characters, note on it."""


_CONDITIONS: Mapping[EnrolmentBasis, str] = {
    "none": "if everybody who is offered a program enrols: no share of acceptance is known",
    "stated": "at the share of acceptance that was stated",
    "history-model": "at each customer's likelihood of enrolment, as past offers suggest",
    "history-rate": "at the rate at which past offers were accepted",
}


def write_workbook(path: Path, targets: "pd.DataFrame", facts: Facts) -> Path:
    """``targets.xlsx``: typed columns, filters, a frozen header with notes, and a sheet that says what the list is.

    Args:
        path: the file.
        targets: the columns of ``targets.csv`` as text, ids as they are.
        facts: of the same run.

    The same list gives the same bytes: the day of making is the end of the period.
    """
    import xlsxwriter

    # Text is never taken for a formula, a link or a number, whatever a customer is called.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime.combine(facts.period.end, time(), UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {"expected_kw": book.add_format({"num_format": "0.00"})}
        titles = {row.program: row.title for row in facts.targets.programs}
        for first in range(0, max(len(targets), 1), ROWS_MAX):
            part = targets.iloc[first : first + ROWS_MAX]
            sheet = book.add_worksheet("Targets" if first == 0 else f"Targets {first // ROWS_MAX + 1}")
            for place, (name, (header, width, note)) in enumerate(_COLUMNS.items()):
                sheet.set_column(place, place, width, formats.get(name))
                sheet.write_string(0, place, header, bold)
                sheet.write_comment(0, place, note)
                for row, value in enumerate(part[name].tolist(), 1):
                    if name in ("target_rank", "expected_kw"):
                        sheet.write_number(row, place, float(value))
                    else:
                        sheet.write_string(
                            row, place, titles.get(value, value) if name == "program" else value
                        )
            sheet.freeze_panes(1, 2)
            sheet.autofilter(0, 0, max(len(part), 1), len(_COLUMNS) - 1)
        _notes(book, facts, bold)
    return path


def _notes(book: Any, facts: Facts, bold: Any) -> None:
    """What the list is, and under which condition its numbers hold."""
    t = facts.targets
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    rows = [
        ("Period", f"{facts.period.label}: {facts.period.start} to {facts.period.end} ({facts.period.timezone})"),
        ("List", f"{counted(t.recommended_offers, 'offer')}; {counted(t.holdout, 'customer')} held back"),
        ("Reduction", f"{t.low_kw:.2g} to {t.high_kw:.2g} kW in the peak hours, {t.expected_kw:.2g} kW at the published mean, {_CONDITIONS[t.enrolment_basis]}"),
        ("Goal", f"{t.goal_kw:.4g} kW"),
        ("Where the effects are from", "The published effects in the report, with their ranges and sources."),
        ("Hold back", "Make no offer to the group holdout: it is drawn by lot."),
    ]  # fmt: skip
    for place, (name, text) in enumerate(rows):
        sheet.write_string(place, 0, name, bold)
        sheet.write_string(place, 1, text)
