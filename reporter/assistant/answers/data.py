"""Answers about the readings, the period and the peak."""

from collections import Counter
from datetime import datetime

from reporter.assistant.answer import Answer, Teller, spoken, table
from reporter.assistant.answers.segments import title, unknown
from reporter.assistant.queries import DeviceOf, OneCheck, Severe, What
from reporter.assistant.titles import find_segment
from reporter.assistant.view import View
from reporter.words import listed

_COUNTED = {
    "customers_read": ("quality.customers_read", "{} were read."),
    "customers_used": ("quality.customers_used", "{} are in the analysis."),
    "customers_left_out": ("story.customers_left_out", "{} were read and left out of the analysis."),
    "segments": ("selection.k", "{} in this run."),
    "eligible": ("targets.eligible", "{} could be offered a program with a published effect."),
    "offers": ("targets.recommended_offers", "{} are recommended."),
    "enrolments": ("targets.enrolments", "{} are expected of the recommended offers."),
    "holdout": ("targets.holdout", "{} are set aside at random to measure against."),
    "readings": ("quality.readings_read", "{} were read."),
    "days": ("period.days", "{} with readings."),
}
_NOUNS = {
    "segments": "segment",
    "offers": "offer",
    "enrolments": "enrolment",
    "readings": "reading",
    "days": "day",
}


def count(view: View, asked: What) -> Answer:
    """How many."""
    t = Teller(view)
    if asked.what == "findings":
        return findings(view, Severe(severity=None))
    path, sentence = _COUNTED[asked.what]
    if path.startswith("story") and not view.facts.get("story"):
        return t.answer("This run does not say that.", answered=False)
    number = t.count(path, _NOUNS.get(asked.what, "customer"))
    text = sentence.format(number)
    if number.startswith("1 "):
        text = text.replace(" were ", " was ").replace(" are ", " is ")
    if asked.what == "readings":
        text += f" {t.count('quality.readings_used')} of them are behind the profiles of the customers used."
    elif asked.what == "customers_used":
        text += f" {t.count('quality.customers_read')} were read."
    elif asked.what == "enrolments" and view.get("targets.enrolment_basis") == "none":
        text = f"How many accept is not known in this run; with all of the {t.count('targets.recommended_offers', 'offer')} accepted it would be {number}."
    return t.answer(text, section="trust" if path.startswith(("quality", "story")) else "decision")


def period(view: View) -> Answer:
    """The period."""
    t = Teller(view)
    text = (
        f"The period {t.text('period.label')} runs from {t.day('period.start')} to {t.day('period.end')}, {t.count('period.days', 'day')} with readings, "
        f"in the time of {t.text('period.timezone')}."
    )
    return t.answer(text, section="method")


def peak_hours(view: View) -> Answer:
    """The system's peak."""
    t = Teller(view)
    peak = view.get("targets.peak_hours")
    if not peak["hours"]:
        return t.answer("This run has no peak hours.", answered=False, section="why")
    starts = [datetime.fromisoformat(row["start"]) for row in peak["hours"]]
    for place in range(len(starts)):
        t.raw(f"targets.peak_hours.hours.{place}.start")
    hours = Counter(start.hour for start in starts)
    first, last = min(hours), max(hours)
    text = f"The peak hours are {t.text('targets.peak_hours.description')}. The highest is the hour from {t.moment('targets.peak_hours.hours.0.start')} ({_load(t, 0)})"
    if last - first < 12:
        text += f"; all of them start between {first}:00 and {last}:00"
    cells = [
        [spoken(start.date()), f"{start.hour}:00", _load(t, place)] for place, start in enumerate(starts)
    ]
    return t.answer(
        f"{text}.", section="why", figure="peak-day", table=table(["day", "hour from", "load"], cells)
    )


def _load(t: Teller, place: int) -> str:
    return f"{t.number(f'targets.peak_hours.hours.{place}.load', 1)} {t.text('targets.peak_hours.unit')}"


def technology(view: View, asked: DeviceOf) -> Answer:
    """Signs of devices."""
    t = Teller(view)
    where, path = "", "technology.signs"
    if asked.segment is not None:
        place = find_segment(view, asked.segment)
        if place is None:
            return unknown(view, asked.segment)
        where, path = f" in {title(t, place)}", f"segments.{place}.technology"
    elif not view.facts.get("technology"):
        return t.answer("This run looked for no signs of devices.", answered=False)
    rows = {row["technology"]: f"{path}.{place}" for place, row in enumerate(view.get(path))}
    shown = [asked.device] if asked.device is not None else list(rows)
    if asked.device is not None and asked.device not in rows:
        name = {
            "ev": "electric cars",
            "solar": "rooftop solar",
            "heating": "electric heating",
            "cooling": "cooling",
            "water": "water tanks",
        }[asked.device]
        text = f"This run could not look for {name}{where}"
        note = (
            (view.facts.get("technology") or {}).get("season_note")
            if asked.device in ("heating", "cooling")
            else ""
        )
        return t.answer(
            f"{text}: {t.text('technology.season_note')}"
            if note
            else f"{text}: the readings could not show it.",
            answered=False,
        )
    if not shown:
        return t.answer(f"No days were looked at for signs of devices{where}.", answered=False)

    def told(row: str) -> str:
        share = f", {t.percent(f'{row}.share')}" if view.get(f"{row}.examined") else ""
        return f"{t.text(f'{row}.title')}: {t.count(f'{row}.customers')} of {t.count(f'{row}.examined', 'customer')} looked at{where}{share}"

    text = f"{'; '.join(told(rows[str(name)]) for name in shown)}."
    if asked.device is not None:
        row = rows[asked.device]
        text = f"{text[:-1]} (likely {t.percent(f'{row}.low').removesuffix(' %')} to {t.percent(f'{row}.high')})."
        if view.get(f"{row}.evidence"):
            text += f" The signs: {t.text(f'{row}.evidence')}."
    return t.answer(text, section="cards" if where else "potential")


def data_quality(view: View) -> Answer:
    """How good the data is."""
    t = Teller(view)
    text = (
        f"{t.count('quality.customers_used')} of {t.count('quality.customers_read', 'customer')} read could be used, and {t.percent('quality.coverage')} of the intervals of their days are there; "
        f"{t.count('quality.readings_read', 'reading')} were read."
    )
    severe = Counter(row["severity"] for row in view.facts["quality"]["findings"])
    serious, warned = (
        t.note("quality.findings.serious", severe["serious"]),
        t.note("quality.findings.warning", severe["warning"]),
    )
    text += f" Findings: {serious} serious, {warned} to read before acting."
    return t.answer(text, section="trust")


def left_out(view: View) -> Answer:
    """Who was left out."""
    t = Teller(view)
    rows = view.facts["quality"]["excluded"]
    if not rows:
        return t.answer(
            f"Nobody was left out: all {t.count('quality.customers_read', 'customer')} read are in the analysis.",
            section="trust",
        )
    each = [
        f"{t.count(f'quality.excluded.{p}.customers')} ({t.text(f'quality.excluded.{p}.description')})"
        for p in range(len(rows))
    ]
    number = t.count("story.customers_left_out", "customer") if view.facts.get("story") else "Customers"
    return t.answer(
        f"{number} {'was' if number.startswith('1 ') else 'were'} left out: {listed(each)}.", section="trust"
    )


def findings(view: View, asked: Severe) -> Answer:
    """What a reader must know."""
    t = Teller(view)
    rank = {"serious": 0, "warning": 1, "info": 2}
    rows = view.facts["quality"]["findings"]
    shown = [place for place, row in enumerate(rows) if asked.severity in (None, row["severity"])]
    shown.sort(key=lambda place: rank[rows[place]["severity"]])
    kind = {None: "finding", "info": "remark", "warning": "warning", "serious": "serious finding"}[
        asked.severity
    ]
    number = t.note(f"quality.findings.{asked.severity or 'all'}", len(shown))
    if not shown:
        return t.answer(f"The run has no {kind}s.", section="trust")
    cells = [
        [t.text(f"quality.findings.{p}.severity"), t.sentence(f"quality.findings.{p}.description")]
        for p in shown
    ]
    text = f"The run has {number} {kind}{'s' if number != 1 else ''}. {'First' if number != 1 else 'It is'}: {cells[0][1]}"
    return t.answer(text, section="trust", table=table(["severity", "finding"], cells))


def check(view: View, asked: OneCheck) -> Answer:
    """What one check found."""
    t = Teller(view)
    for place, row in enumerate(view.facts["quality"].get("checks", [])):
        if row["name"] == asked.check:
            path = f"quality.checks.{place}"
            return t.answer(
                f"{t.sentence(f'{path}.description')} The check looked at {t.count(f'{path}.looked_at', 'customer')}.",
                section="trust",
            )
    return t.answer(f"This run did not make the check “{asked.check}”.", answered=False)
