"""A run → one page about one customer, for an analyst or a call centre."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reporter.errors import UsageError
from reporter.facts import Facts, NotTarget
from reporter.figures import peak_blocks
from reporter.figures.customer import CustomerDay, draw_customer
from reporter.report.build import period_name, target_lines
from reporter.report.context import FigureView, Medium, TargetLine, figure_views
from reporter.report.render import render_page
from reporter.report.theme import Theme, load_theme
from reporter.run import (
    AUDIT,
    CUSTOMERS,
    HISTORY,
    OUTAGES,
    PROFILES,
    Run,
    profile_array,
    read_run,
    write_text,
)
from reporter.settings import OutputSettings
from reporter.tables import plain_ids

FOLDER = "customers"
"""In the run folder: pages of single customers."""
_END_USES = ("temperature", "ev", "water", "rest")
_DEVICES = ("ev", "solar", "heating", "cooling", "water")


@dataclass(frozen=True)
class PlacedSegment:
    """The segment of the customer."""

    place: int
    """From 1, in canonical order: its colour."""
    segment_id: str
    title: str
    members: int
    coincident_kw: float
    """Mean of its members [kW]."""


@dataclass(frozen=True)
class EndUse:
    """Load in the peak hours that an end use explains [kW], with a 90 % interval."""

    name: str
    """``temperature``, ``ev``, ``water``, or ``rest``: what is above baseload and none of these."""
    kw: float
    low_kw: float | None
    high_kw: float | None


@dataclass(frozen=True)
class DeviceView:
    """How likely a device is."""

    title: str
    probability: float


@dataclass(frozen=True)
class MonthPeak:
    """Load in the system's peak hour of a month."""

    month: str
    """YYYY-MM."""
    kw: float


@dataclass(frozen=True)
class CheckView:
    """What a check found of this customer's readings."""

    description: str
    """What the check looks for, of all customers."""
    value: float
    unit: str
    name: str
    """Of the check, stable."""


@dataclass(frozen=True)
class PastOffer:
    """An offer made before."""

    program: str
    offered: str
    """Day, ISO 8601."""
    enrolled: bool
    opted_out: bool


@dataclass(frozen=True)
class Outage:
    """A power cut."""

    start: str
    """Local, to the minute."""
    hours: float


@dataclass(frozen=True)
class BillView:
    """What it pays a month of mean length, nobody changing anything."""

    currency: str
    now: float
    then: float | None
    """Under the proposed tariff; None where none is given."""
    change: float
    """Then less now; 0 without a proposed one."""
    digits: tuple[int, int]
    """Significant digits that write the two bills in whole units."""


@dataclass(frozen=True)
class CustomerContext:
    """Everything that ``customer.html.j2`` can show, as ``report``."""

    facts: Facts
    customer_id: str
    row: dict[str, Any]
    """Its row of customers.parquet; None where there is no value."""
    segments: Sequence[PlacedSegment]
    """Its segment alone; none where the customer was left out."""
    left_out: str | None
    """Why it was left out, in words."""
    coincident_rank: float | None
    """Share of the customers used that draw less in the peak hours."""
    end_uses: list[EndUse]
    devices: list[DeviceView]
    """The likeliest first."""
    month_peaks: list[MonthPeak]
    bill: BillView | None
    """None where no tariff was given."""
    target: TargetLine | None
    not_target: NotTarget | None
    checks: list[CheckView]
    history: list[PastOffer] | None
    """None where no file of past offers was given."""
    declined: list[PastOffer]
    """The last offer that it declined; none where there is none, or where it enrolled."""
    second_offers_learnt: bool
    """The likelihood of those who declined the same program before is that of second offers."""
    outages: list[Outage] | None
    """None where no file of power cuts was given."""
    figures: dict[str, FigureView]
    period_name: str
    title: str
    theme: Theme
    medium: Medium
    paper: str


def page_name(customer_id: str) -> str:
    """A file name for a customer: letters and digits of the id, and enough of its hash to be alone."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", customer_id).strip("-")[:40]
    digest = hashlib.sha256(customer_id.encode("utf-8")).hexdigest()[:8]
    return f"{plain}-{digest}.html" if plain else f"{digest}.html"


def write_customer(folder: Path, customer_id: str, out: Path | None, output: OutputSettings) -> Path:
    """Write the page of a customer; returns it.

    Args:
        folder: the run.
        customer_id: as in the readings.
        out: the page; by default in the run's folder ``customers``.
        output: templates and theme.

    Raises:
        UsageError: no such run or customer, or the page can't be written.
        DataError: a file of the run is missing or broken.
    """
    run = read_run(folder)
    context = customer_context(run, customer_id, output)
    page = out if out is not None else folder / FOLDER / page_name(customer_id)
    if out is None:
        try:
            page.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"{page.parent}: can't be written ({error.strerror}); give --out.") from error
    write_text(page, render_page("customer.html.j2", context, output.templates))
    return page


def customer_context(run: Run, customer_id: str, output: OutputSettings) -> CustomerContext:
    """Everything known of a customer.

    Raises:
        UsageError: the run has no such customer.
        DataError: a file of the run is missing or broken.
    """
    facts, theme = run.facts, load_theme(output)
    found = run.rows_of(CUSTOMERS, customer_id)
    if not found:
        raise UsageError(
            f"{run.folder}: no customer '{customer_id}' in this run{_nearest(run, customer_id)}; check the id."
        )
    row = {name: None if pd.isna(value) else value for name, value in found[0].items()}
    place = next(
        (n for n, segment in enumerate(facts.segments, 1) if segment.segment_id == row["segment_id"]), None
    )
    segments, figures = [], {}
    if place is not None:
        segment = facts.segments[place - 1]
        segments = [
            PlacedSegment(place, segment.segment_id, segment.title, segment.customers, segment.coincident_kw)
        ]
        profile = pd.DataFrame(run.rows_of(PROFILES, customer_id))
        weekday, weekend = (
            [float(value) for value in profile_array(profile, kind)[0]] for kind in ("weekday", "weekend")
        )
        size = float(abs(profile_array(profile)[0]).mean())
        day = CustomerDay(
            weekday,
            weekend,
            [value * size for value in segment.shape],
            peak_blocks(facts),
            theme.palette.segment(place - 1),
            theme.palette,
        )
        drawn = draw_customer(day, theme.people)
        figures = figure_views({drawn.name: drawn})
    reasons = {entry.reason: entry.description for entry in facts.quality.excluded}
    history = _history(run, customer_id)
    repeats = facts.targets.repeat_offers
    not_targets = {entry.reason: entry for entry in facts.targets.not_targets}
    return CustomerContext(
        facts=facts,
        customer_id=customer_id,
        row=row,
        segments=segments,
        left_out=reasons.get(reason, reason) if (reason := row["exclusion_reason"]) else None,
        coincident_rank=_rank(run, row["coincident_kw"]),
        end_uses=_end_uses(row),
        devices=_devices(facts, row),
        month_peaks=[
            MonthPeak(name.removeprefix("month_peak_kw_").replace("_", "-"), float(value))
            for name, value in row.items()
            if name.startswith("month_peak_kw_") and value is not None
        ],
        bill=_bill(facts, row),
        target=_target(run, customer_id),
        not_target=not_targets.get(row["not_target_reason"] or ""),
        checks=_checks(run, customer_id),
        history=history,
        declined=_declined(history, row.get("program")),
        second_offers_learnt=repeats is not None and repeats.rule == "learnt",
        outages=_outages(run, customer_id),
        figures=figures,
        period_name=period_name(facts.period, theme),
        title=customer_id,
        theme=theme,
        medium="screen",
        paper=output.paper,
    )


def _nearest(run: Run, customer_id: str) -> str:
    """Ids that are alike, as a hint."""
    ids = run.customer_columns(("customer_id",))["customer_id"]
    alike = ids[plain_ids(ids) == plain_ids(pd.Series([customer_id]))[0]].tolist()[:3]
    return f" (did you mean {' or '.join(repr(one) for one in alike)}?)" if alike else ""


def _rank(run: Run, coincident_kw: float | None) -> float | None:
    if coincident_kw is None:
        return None
    loads = run.customer_columns(("coincident_kw",))["coincident_kw"].dropna()
    return float((loads < coincident_kw).mean())


def _end_uses(row: dict[str, Any]) -> list[EndUse]:
    """What is known to be there, the largest first; the rest last."""
    known = [
        EndUse(name, float(row[f"{name}_peak_kw"]), row[f"{name}_peak_kw_low"], row[f"{name}_peak_kw_high"])
        for name in _END_USES
        if row.get(f"{name}_peak_kw") is not None
    ]
    return sorted(
        (use for use in known if use.kw > 0), key=lambda use: (use.name == "rest", -use.kw, use.name)
    )


def _devices(facts: Facts, row: dict[str, Any]) -> list[DeviceView]:
    titles: dict[str, str] = {
        sign.technology: sign.title for segment in facts.segments for sign in segment.technology
    }
    known = [
        DeviceView(titles.get(device, device), float(row[f"{device}_probability"]))
        for device in _DEVICES
        if row.get(f"{device}_probability") is not None
    ]
    return sorted(known, key=lambda device: -device.probability)


def _bill(facts: Facts, row: dict[str, Any]) -> BillView | None:
    bills, now, then = facts.bills, row.get("bill_month_now"), row.get("bill_month_then")
    if bills is None or now is None:
        return None
    return BillView(
        bills.currency,
        float(now),
        None if then is None else float(then),
        0.0 if then is None else float(then - now),
        (_whole(now), _whole(then or 0.0)),
    )


def _whole(amount: float) -> int:
    return max(2, len(str(int(abs(amount) + 0.5))))


def _target(run: Run, customer_id: str) -> TargetLine | None:
    table = run.target_list()
    lines = target_lines(run.facts, table[table["customer_id"] == customer_id])
    return lines[0] if lines else None


def _checks(run: Run, customer_id: str) -> list[CheckView]:
    said = {check.name: check.description for check in run.facts.quality.checks}
    return [
        CheckView(said.get(row["check"], row["check"]), float(row["value"]), row["unit"], row["check"])
        for row in run.rows_of(AUDIT, customer_id) or []
    ]


def _history(run: Run, customer_id: str) -> list[PastOffer] | None:
    rows = run.rows_of(HISTORY, customer_id)
    if rows is None:
        return None
    return [
        PastOffer(
            row["program"], row["offered"].date().isoformat(), bool(row["enrolled"]), bool(row["opted_out"])
        )
        for row in rows
    ]


def _declined(history: list[PastOffer] | None, program: str | None) -> list[PastOffer]:
    """The last refusal, of the program that fits where there is one; none where the customer enrolled in anything."""
    if not history or any(offer.enrolled for offer in history):
        return []
    return sorted(history, key=lambda offer: (offer.program == program, offer.offered))[-1:]


def _outages(run: Run, customer_id: str) -> list[Outage] | None:
    rows = run.rows_of(OUTAGES, customer_id)
    if rows is None:
        return None
    return [
        Outage(f"{row['start']:%Y-%m-%d %H:%M}", (row["end"] - row["start"]).total_seconds() / 3600)
        for row in rows
    ]
