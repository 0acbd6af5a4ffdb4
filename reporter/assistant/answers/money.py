"""Answers about money, and about what can be bid."""

from reporter.assistant.answer import Answer, Teller, plain, table
from reporter.assistant.answers.segments import title, unknown
from reporter.assistant.queries import OfSegmentOrAll, OneTest
from reporter.assistant.titles import find_segment
from reporter.assistant.view import View
from reporter.words import listed

_TESTS = {
    "trc": "total resource cost test",
    "pac": "program administrator cost test",
    "rim": "ratepayer impact measure",
    "participant": "participant test",
}


def _money(t: Teller, path: str, currency: str) -> str:
    return f"{plain(float(t.raw(path)), 0)} {t.text(currency)}".rstrip()


def cost_tests(view: View, asked: OneTest) -> Answer:
    """What the cost tests say."""
    t = Teller(view)
    if view.facts.get("money") is None:
        return t.answer(
            "What the offers are worth in money is not known in this run; give your costs with --costs.",
            answered=False,
        )
    rows = view.get("money.portfolio.tests")
    shown = [p for p, row in enumerate(rows) if asked.test in (None, row["test"])]
    parts = []
    for p in shown:
        path = f"money.portfolio.tests.{p}"
        name = _TESTS[t.text(f"{path}.test")]
        if rows[p]["ratio"] is None or rows[p]["net"] is None:
            parts.append(f"the {name} can’t be worked out from what is given")
            continue
        parts.append(
            f"the {name} gives a net benefit of {_money(t, f'{path}.net', 'money.currency')} (benefits {t.number(f'{path}.ratio')} times costs)"
        )
    text = listed(parts)
    condition = ", if all of them enrol" if view.get("money.if_all_enrol") else ""
    text = f"For all programs together, at the published effects{condition}: {text}."
    if view.get("money.turns"):
        text += f" What moves the result most is {t.text('money.turns.0.input').replace('-', ' ').replace('_', ' ')}."
    return t.answer(text, section="money", figure="turns")


def bills(view: View, asked: OfSegmentOrAll) -> Answer:
    """What a tariff does to bills."""
    t = Teller(view)
    if view.facts.get("bills") is None:
        return t.answer(
            "What a tariff does to bills is not known in this run; give it with --tariff.", answered=False
        )
    path, who = "bills.everyone", "All customers"
    if asked.segment is not None:
        place = find_segment(view, asked.segment)
        if place is None:
            return unknown(view, asked.segment)
        wanted = view.segments[place]["segment_id"]
        row = next(
            (p for p, found in enumerate(view.get("bills.segments")) if found["value"] == wanted), None
        )
        if row is None:
            return t.answer(f"This run says nothing of the bills of {title(t, place)}.", answered=False)
        path, who = f"bills.segments.{row}", f"Customers of {title(t, place)}"
    text = f"{who} pay {_sum(t, f'{path}.now')} a month each on average under {t.text('bills.current')}"
    if view.get(f"{path}.then") is None:
        return t.answer(f"{text}.", section="bills")
    text += (
        f" and would pay {_sum(t, f'{path}.then')} under {t.text('bills.proposed')}, nobody changing anything"
    )
    if view.get(f"{path}.gain_share") is not None:
        text += f": {t.percent(f'{path}.gain_share')} would pay less, {t.percent(f'{path}.lose_share')} more"
    cells = [
        [
            t.text(f"bills.segments.{p}.value"),
            _sum(t, f"bills.segments.{p}.now"),
            _sum(t, f"bills.segments.{p}.then"),
        ]
        for p in range(len(view.get("bills.segments")))
    ]
    return t.answer(f"{text}.", section="bills", figure="bills", table=table(["id", "now", "then"], cells))


def _sum(t: Teller, path: str) -> str:
    value = t.view.get(path)
    return (
        "an unknown sum"
        if value is None
        else f"{plain(float(t.raw(path)))} {t.text('bills.currency')}".rstrip()
    )


def plant(view: View) -> Answer:
    """What can be bid."""
    t = Teller(view)
    if view.facts["targets"].get("plant") is None:
        return t.answer("Nothing can be bid: nothing is offered in this run.", answered=False)
    path = "targets.plant"
    if not view.get(f"{path}.bid_hours") or view.get(f"{path}.bid_first_hour") is None:
        return t.answer(
            "No hour of an event day is worth a bid: what is reached with nine chances in ten is nothing in each of them.",
            section="plant",
        )
    condition = "" if view.get(f"{path}.take_up_known") else " if all of them enrol"
    text = f"{t.kw(f'{path}.bid_kw')} can be bid from {t.hour(f'{path}.bid_first_hour')} for {t.count(f'{path}.bid_hours', 'hour')}: each of these hours reaches that with nine chances in ten{condition}."
    accepted = view.get(f"{path}.accepted")
    if accepted is not None:
        text += f" That {'meets' if accepted else 'does not meet'} the smallest bid and its duration."
    rows = view.get(f"{path}.total.hours")
    cells = [
        [
            t.hour(f"{path}.total.hours.{p}.hour"),
            t.kw(f"{path}.total.hours.{p}.p50_kw"),
            t.kw(f"{path}.total.hours.{p}.p90_kw"),
        ]
        for p in range(len(rows))
    ]
    return t.answer(
        text,
        section="plant",
        figure="plant",
        table=table(["hour from", "even chance", "nine chances in ten"], cells),
    )
