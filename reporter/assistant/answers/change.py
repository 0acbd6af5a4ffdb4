"""Answers about what changed since an earlier run."""

from reporter.assistant.answer import Answer, Teller, plain
from reporter.assistant.answers.segments import unknown
from reporter.assistant.queries import Changed
from reporter.assistant.titles import find_segment
from reporter.assistant.view import View
from reporter.schema import FEWEST_FOR_A_CURVE
from reporter.words import listed

_MEASURES = {
    "share": "share of customers",
    "energy_kwh_per_day": "energy per customer and day",
    "coincident_kw": "load in the peak hours",
    "above_baseload_kw": "load above baseload in the peak hours",
    "peak_hour": "hour of the peak",
    "peak_to_mean": "highest hour ÷ mean load",
}


def change(view: View, asked: Changed) -> Answer:
    """What changed."""
    t = Teller(view)
    if view.facts.get("change") is None:
        return t.answer(
            "This run was not compared with an earlier one; make it again with --previous and the earlier run.",
            answered=False,
        )
    if asked.aspect == "segment" and asked.segment is not None:
        return _segment(view, asked.segment)
    told = {
        "overview": _overview,
        "segment": _overview,
        "moved": _moved,
        "new_loads": _new_loads,
        "weather": _weather,
        "program": _program,
    }
    return told[asked.aspect](t)


def _since(t: Teller) -> str:
    return f"since {t.text('change.periods.' + str(len(t.view.get('change.periods')) - 2) + '.label')}"


def _moves(t: Teller) -> str:
    path = "change.migration"
    if t.view.get(f"{path}.changed") is None:
        return f"Nobody is in both periods, so moves {_since(t)} can't be told."
    text = f"{t.percent(f'{path}.changed')} of {t.count(f'{path}.customers', 'customer')} in both periods changed segment {_since(t)}"
    if t.view.get(f"{path}.noise_floor") is not None:
        text += f"; {t.percent(f'{path}.noise_floor')} seem to move within one period, by chance and the ordinary course of life (noise floor)"
    return f"{text}."


def _overview(t: Teller) -> Answer:
    findings = t.view.get("change.findings")
    beyond = [
        p for p, row in enumerate(findings) if row["name"] in ("segment-share-changed", "season-differs")
    ]
    text = " ".join([_moves(t), *(t.sentence(f"change.findings.{p}.description") for p in beyond[:2])])
    return t.answer(text, section="change", figure="net")


def _moved(t: Teller) -> Answer:
    path = "change.migration"
    text = f"{_moves(t)} {t.count(f'{path}.arrivals', 'customer')} came and {t.count(f'{path}.departures')} went."
    return t.answer(text, section="change", figure="moves")


def _new_loads(t: Teller) -> Answer:
    rows = t.view.get("change.emerging")
    if not rows:
        return t.answer(f"No new kind of load was found {_since(t)}.", section="change")
    text = " ".join(t.sentence(f"change.emerging.{p}.description") for p in range(len(rows)))
    drawn = next((row["kind"] for row in rows if row["customers"] >= FEWEST_FOR_A_CURVE), None)
    return t.answer(text, section="change", figure=f"emerging-{drawn}" if drawn else None)


def _weather(t: Teller) -> Answer:
    path = "change.weather"
    if t.view.get(path) is None:
        return t.answer(
            f"What the weather explains of the change {_since(t)} is not known: it takes temperatures in both runs.",
            answered=False,
            section="change",
        )
    ends = [t.number(f"{path}.{name}") for name in ("low", "high")]
    text = (
        f"It was {t.number(f'{path}.new_mean_c', 1)} °C on average, {t.number(f'{path}.old_mean_c', 1)} °C before. In this weather {t.count(f'{path}.customers', 'customer')} of both periods would have used "
        f"{t.number(f'{path}.expected_kwh_per_day', 1)} kWh a day each, and used {t.number(f'{path}.new_kwh_per_day', 1)} kWh: {t.number(f'{path}.change')} kWh ({ends[0]} to {ends[1]}) are not explained by it."
    )
    return t.answer(text, section="change")


def _program(t: Teller) -> Answer:
    path = "change.program"
    if t.view.get(path) is None:
        return t.answer(
            "Nobody who was recommended in the earlier run is known now.", answered=False, section="change"
        )
    text = f"Of {t.count(f'{path}.recommended', 'customer')} recommended last time {t.count(f'{path}.enrolled')} enrolled."
    if t.view.get(f"{path}.effect_kw") is not None:
        text += f" Their load in the peak hours changed by {t.kw(f'{path}.effect_kw')} each against like customers ({t.kw(f'{path}.effect_low')} to {t.kw(f'{path}.effect_high')})."
    else:
        notes = [p for p, row in enumerate(t.view.get(f"{path}.scores")) if row["unit"] == "kW"]
        text += f" {t.sentence(f'{path}.scores.{notes[0]}.note')}" if notes else ""
    return t.answer(text, section="change")


def _segment(view: View, name: str) -> Answer:
    place = find_segment(view, name)
    if place is None:
        return unknown(view, name)
    t = Teller(view)
    segment_id, title = view.segments[place]["segment_id"], f"“{t.text(f'segments.{place}.title')}”"
    rows = [
        p
        for p, row in enumerate(view.get("change.drift"))
        if row["new_segment_id"] == segment_id and row["measure"] in _MEASURES
    ]
    if not rows:
        return t.answer(f"{title} has no counterpart in the earlier run.", answered=False, section="change")
    shown = [p for p in rows if view.get(f"change.drift.{p}.notable")]
    listed_rows = shown or [
        p for p in rows if view.get(f"change.drift.{p}.measure") in ("share", "coincident_kw")
    ]
    parts = [_drift(t, p) for p in listed_rows]
    lead = (
        f"{title}, {_since(t)}: " if shown else f"Nothing about {title} changed beyond chance {_since(t)}: "
    )
    text = f"{lead}{listed(parts)}."
    # The trend is of the oldest run's segments: the one that this one goes back to, by its title.
    trends = [
        p for p, row in enumerate(view.get("change.trends")) if row["title"] == view.segments[place]["title"]
    ]
    if trends:
        text += f" {_trend(t, f'change.trends.{trends[0]}')}"
    return t.answer(text, section="change", figure="net")


def _trend(t: Teller, path: str) -> str:
    """Share and load at the peak over all periods, the oldest period's segments held fixed."""
    parts = []
    for p in range(len(t.view.get("change.periods"))):
        label = t.text(f"change.periods.{p}.label")
        load = t.view.get(f"{path}.coincident_kw.{p}")
        at_peak = f" and {t.kw(f'{path}.coincident_kw.{p}')} a customer" if load is not None else ""
        parts.append(f"{label} {t.percent(f'{path}.share.{p}')} of customers{at_peak}")
    return f"Held to the oldest period's segments, with the load in the peak hours: {listed(parts)}."


def _drift(t: Teller, place: int) -> str:
    path = f"change.drift.{place}"
    measure = t.view.get(f"{path}.measure")
    ends = [_shown(t, f"{path}.{end}", measure) for end in ("old", "new")]
    return f"{_MEASURES[measure]} from {ends[0]} to {ends[1]}"


def _shown(t: Teller, path: str, measure: str) -> str:
    if measure == "share":
        return t.percent(path)
    if measure.endswith("_kw"):
        return t.kw(path)
    if measure == "peak_hour":
        return f"{plain(float(t.raw(path)), 1)} h"
    return f"{t.number(path, 1)} kWh" if measure == "energy_kwh_per_day" else t.number(path)
