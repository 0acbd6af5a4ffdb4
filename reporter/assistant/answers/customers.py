"""Answers about single customers."""

from typing import Any

from reporter.assistant.answer import Answer, Teller, plain, table
from reporter.assistant.queries import FirstTargets, OneCustomer
from reporter.assistant.view import View
from reporter.words import kw

_COLUMNS = (
    "customer_id",
    "exclusion_reason",
    "segment_id",
    "mean_kw",
    "coincident_kw",
    "above_baseload_kw",
    "effect_kw",
    "target_rank",
    "not_target_reason",
    "bill_month_now",
    "bill_month_then",
)
_EXTERNAL = "This run was made for readers outside the utility, so nothing is said of single customers."


class _Customer:
    """A customer's row, told with its path."""

    def __init__(self, t: Teller, row: dict[str, Any]) -> None:
        self.t, self.row = t, row

    def get(self, name: str) -> Any:
        value = self.row.get(name)
        if value is None or value != value:
            return None
        return self.t.note(f"customers.parquet/{self.row['customer_id']}/{name}", value)

    def kw(self, name: str) -> str:
        value = self.get(name)
        return "an unknown load" if value is None else kw(float(value))


def _find(view: View, customer_id: str) -> tuple[Teller, _Customer | None, Answer | None]:
    t = Teller(view)
    if view.external:
        return t, None, t.answer(_EXTERNAL, answered=False)
    row = view.customer(customer_id, _COLUMNS)
    if row is None:
        return t, None, t.answer(f"No customer of this run has the id “{customer_id}”.", answered=False)
    return t, _Customer(t, row), None


def customer(view: View, asked: OneCustomer) -> Answer:
    """One customer."""
    t, c, refused = _find(view, asked.customer_id)
    if refused is not None or c is None:
        return refused or t.answer(_EXTERNAL, answered=False)
    if c.get("exclusion_reason") is not None:
        return t.answer(
            f"Customer {asked.customer_id} was left out of the analysis: {_left_out(t, c)}.", section="trust"
        )
    text = (
        f"Customer {asked.customer_id} is in {_segment(t, c)}. It draws {c.kw('mean_kw')} on average and {c.kw('coincident_kw')} in the peak hours, "
        f"{c.kw('above_baseload_kw')} of that above its baseload."
    )
    rank, reason = c.get("target_rank"), c.get("not_target_reason")
    if reason is None and rank is not None:
        text += f" It is number {int(rank):,} on the list."
    elif reason is not None:
        text += f" It is not on the list: {_why_not(t, str(reason))}"
    now, then = c.get("bill_month_now"), c.get("bill_month_then")
    if now is not None and view.facts.get("bills") is not None:
        currency = t.text("bills.currency")
        text += f" A month costs it {plain(float(now), 0)} {currency} under “{t.text('bills.current')}”"
        if then is not None:
            text += f" and would cost {plain(float(then), 0)} {currency} under “{t.text('bills.proposed')}” if it changed nothing"
        text += "."
    return t.answer(text, section="list")


def why_target(view: View, asked: OneCustomer) -> Answer:
    """Why a customer is on the list, or not."""
    t, c, refused = _find(view, asked.customer_id)
    if refused is not None or c is None:
        return refused or t.answer(_EXTERNAL, answered=False)
    if c.get("exclusion_reason") is not None:
        return t.answer(
            f"Customer {asked.customer_id} is no target since it was left out of the analysis: {_left_out(t, c)}.",
            section="trust",
        )
    reason = c.get("not_target_reason")
    if reason is not None:
        text = f"Customer {asked.customer_id} is not on the list: {_why_not(t, str(reason))}"
        if c.get("effect_kw") is not None:
            text += (
                f" The program that fits it would lower its load in the peak hours by {c.kw('effect_kw')}."
            )
        return t.answer(text, section="list")
    rows = view.target_rows(customer_id=asked.customer_id)
    rank = c.get("target_rank")
    text = f"Customer {asked.customer_id} is on the list" + (
        f", number {int(rank):,}." if rank is not None else "."
    )
    if rows:
        text += f" {t.note(f'targets.csv/{asked.customer_id}/reason', rows[0]['reason'])}"
        if t.note(f"targets.csv/{asked.customer_id}/group", rows[0]["group"]) == "holdout":
            text += " It is set aside at random, to measure the others against."
    return t.answer(text, section="list")


def target_list(view: View, asked: FirstTargets) -> Answer:
    """The start of the list."""
    t = Teller(view)
    if view.external:
        return t.answer(_EXTERNAL, answered=False)
    rows = view.target_rows(most=asked.count)
    if not rows:
        return t.answer("The list is empty: nobody is offered a program.", section="list")
    cells = [
        [
            t.note(f"targets.csv/{row['customer_id']}/{name}", row[name])
            for name in ("target_rank", "customer_id", "segment_label", "program", "group", "expected_kw")
        ]
        for row in rows
    ]
    t.note("targets.csv/rows", len(rows))
    text = (
        f"The first {len(rows)} of the list; {cells[0][1]} comes first."
        if len(rows) > 1
        else f"{cells[0][1]} comes first on the list."
    )
    return t.answer(
        text,
        section="list",
        table=table(["rank", "customer", "segment", "program", "group", "expected kW"], cells),
    )


def _segment(t: Teller, c: _Customer) -> str:
    segment = c.get("segment_id")
    for place, row in enumerate(t.view.segments):
        if row["segment_id"] == segment:
            return f"“{t.text(f'segments.{place}.title')}”"
    return "no segment"


def _why_not(t: Teller, reason: str) -> str:
    for place, row in enumerate(t.view.facts["targets"]["not_targets"]):
        if row["reason"] == reason:
            text = t.sentence(f"targets.not_targets.{place}.description")
            return text[0].lower() + text[1:]
    return f"{reason.replace('-', ' ')}."


def _left_out(t: Teller, c: _Customer) -> str:
    reason = c.get("exclusion_reason")
    for place, row in enumerate(t.view.facts["quality"]["excluded"]):
        if row["reason"] == reason:
            return t.text(f"quality.excluded.{place}.description")
    return str(reason).replace("-", " ")
