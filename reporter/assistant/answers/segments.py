"""Answers about segments."""

from reporter.assistant.answer import Answer, Table, Teller, table
from reporter.assistant.queries import OfSegment, OneFigure, Pair, Ranking, SegmentMetric
from reporter.assistant.titles import find_segment
from reporter.assistant.view import View
from reporter.words import listed

METRICS = {
    "customers": "customers",
    "coincident_kw": "mean load per customer in the peak hours",
    "coincident_share": "share of the load in the peak hours",
    "above_baseload_kw": "load above baseload per customer in the peak hours",
    "peak_hour": "hour with the highest load",
    "lowest_hour": "hour with the lowest load",
    "peak_to_mean": "highest hour ÷ mean load",
    "load_factor": "load factor",
    "energy_kwh_per_day": "energy per customer and day",
    "energy_share": "share of all energy",
    "offers": "offers",
    "silhouette": "mean silhouette",
}
"""Metric → what it is called in a heading."""

_SENTENCES = {
    "customers": "{title} has {value}.",
    "coincident_kw": "Customers of {title} draw {value} each on average in the peak hours.",
    "coincident_share": "{title} carries {value} of the load in the peak hours.",
    "above_baseload_kw": "Customers of {title} have {value} each above their baseload in the peak hours: an upper bound of what can move.",
    "peak_hour": "The load of {title} is highest in the hour from {value}.",
    "lowest_hour": "The load of {title} is lowest in the hour from {value}.",
    "peak_to_mean": "The highest hour of {title} is {value} times its mean load.",
    "load_factor": "The load factor of {title} is {value}.",
    "energy_kwh_per_day": "Customers of {title} use {value} a day each on average, net of what they export.",
    "energy_share": "{title} takes {value} of the energy of all customers used.",
    "offers": "{title} gets {value}.",
    "silhouette": "The mean silhouette of {title} is {value}.",
}


def title(t: Teller, place: int) -> str:
    """A segment's title in a sentence."""
    return f"“{t.text(f'segments.{place}.title')}”"


def path_of(metric: str, place: int) -> str:
    """Where a metric of a segment is."""
    derived = metric in ("offers", "lowest_hour")
    return f"story.segments.{place}.{metric}" if derived else f"segments.{place}.{metric}"


def known(view: View, metric: str, place: int) -> bool:
    """Whether the run has the metric of a segment."""
    try:
        return view.get(path_of(metric, place)) is not None
    except (KeyError, IndexError, TypeError):
        return False


def value(t: Teller, metric: str, place: int) -> str:
    """A metric of a segment, with its unit."""
    path = path_of(metric, place)
    if metric == "customers":
        return f"{t.count(path, 'customer')} ({t.percent(f'segments.{place}.share')} of those used)"
    if metric == "offers":
        return t.count(path, "offer")
    if metric.endswith("_kw"):
        return t.kw(path)
    if metric.endswith("_share"):
        return t.percent(path)
    if metric.endswith("_hour"):
        return t.hour(path)
    if metric == "energy_kwh_per_day":
        return f"{t.number(path, 1)} kWh"
    return t.number(path)


def unknown(view: View, text: str) -> Answer:
    """No such segment."""
    t = Teller(view)
    names = listed(title(t, place) for place in range(len(view.segments)))
    return t.answer(f"This run has no segment of that name; its segments are {names}.", answered=False)


def segments(view: View) -> Answer:
    """Which segments there are."""
    t = Teller(view)
    each = [
        f"{title(t, place)} ({t.percent(f'segments.{place}.share')})" for place in range(len(view.segments))
    ]
    many = t.count("selection.k", "segment")
    text = f"There {'is' if many.startswith('1 ') else 'are'} {many}: {listed(each)} of the customers used."
    return t.answer(
        text,
        section="who",
        figure="segments",
        table=_table(t, list(range(len(each))), ("customers", "coincident_kw", "peak_hour")),
    )


def segment(view: View, asked: SegmentMetric) -> Answer:
    """One segment."""
    place = find_segment(view, asked.segment)
    if place is None:
        return unknown(view, asked.segment)
    t = Teller(view)
    if asked.metric != "overview":
        if not known(view, asked.metric, place):
            return t.answer(
                f"This run does not say the {METRICS[asked.metric]} of {title(t, place)}.", answered=False
            )
        text = _SENTENCES[asked.metric].format(title=title(t, place), value=value(t, asked.metric, place))
        return t.answer(text[0].upper() + text[1:], section="cards", figure=f"overlay-{place + 1:02d}")
    text = (
        f"{title(t, place)} is {t.count(f'segments.{place}.customers', 'customer')}, {t.percent(f'segments.{place}.share')} of those used; "
        f"they draw {t.kw(f'segments.{place}.coincident_kw')} each in the peak hours, {t.percent(f'segments.{place}.coincident_share')} of all load then, and their "
        f"highest hour starts at {t.hour(f'segments.{place}.peak_hour')}."
    )
    return t.answer(text, section="cards", figure=f"overlay-{place + 1:02d}")


def rank_segments(view: View, asked: Ranking) -> Answer:
    """Segments by a figure."""
    t = Teller(view)
    places = [place for place in range(len(view.segments)) if known(view, asked.metric, place)]
    if not places:
        return t.answer(f"This run does not say the {METRICS[asked.metric]} of its segments.", answered=False)
    if asked.metric == "offers" and not any(view.get(path_of("offers", place)) for place in places):
        return t.answer("No segment gets an offer in this run.", section="decision")
    sign = -1 if asked.order == "highest" else 1
    places.sort(key=lambda place: sign * float(view.get(path_of(asked.metric, place))))
    named = places[: asked.count or 1]
    best = view.get(path_of(asked.metric, named[0]))
    if asked.count is None:
        named = [place for place in places if view.get(path_of(asked.metric, place)) == best]
    each = [f"{title(t, place)} with {value(t, asked.metric, place)}" for place in named]
    which = "latest" if asked.order == "highest" else "earliest"
    which = which if asked.metric.endswith("_hour") else asked.order
    text = f"{which.capitalize()} by {METRICS[asked.metric]}: {listed(each)}."
    return t.answer(text, section="who", figure="segments", table=_table(t, places, (asked.metric,)))


def compare_segments(view: View, asked: Pair) -> Answer:
    """Two segments side by side."""
    places = [find_segment(view, asked.first), find_segment(view, asked.second)]
    if None in places:
        return unknown(view, asked.first if places[0] is None else asked.second)
    t = Teller(view)
    first, second = (place for place in places if place is not None)
    metrics = ("customers", "coincident_kw", "above_baseload_kw", "peak_hour", "energy_kwh_per_day")
    asked_for = metrics if asked.metric == "overview" else (asked.metric,)
    main = "coincident_kw" if asked.metric == "overview" else asked.metric
    if not (known(view, main, first) and known(view, main, second)):
        return t.answer(f"This run does not say the {METRICS[main]} of both.", answered=False)
    one, other = value(t, main, first), value(t, main, second)
    text = f"{METRICS[main].capitalize()}: {title(t, first)} {one}, {title(t, second)} {other}."
    if asked.metric == "overview":
        hours = [t.hour(f"segments.{place}.peak_hour") for place in (first, second)]
        text += f" Their highest hours start at {hours[0]} and {hours[1]}."
    return t.answer(text, section="who", figure="segments", table=_table(t, [first, second], asked_for))


def why_label(view: View, asked: OfSegment) -> Answer:
    """Why a segment has its label."""
    place = find_segment(view, asked.segment)
    if place is None:
        return unknown(view, asked.segment)
    t = Teller(view)
    text = f"{title(t, place)} is labelled {t.text(f'segments.{place}.label')} since {t.text(f'segments.{place}.evidence')}."
    if view.get(f"segments.{place}").get("label_confidence") is not None:
        text += f" {t.percent(f'segments.{place}.label_confidence')} of a sample of its members would get the same label on their own."
    return t.answer(text, section="cards", figure=f"overlay-{place + 1:02d}")


def figure(view: View, asked: OneFigure) -> Answer:
    """Where a figure is."""
    t = Teller(view)
    name: str = asked.figure
    if name in ("overlay", "week"):
        place = (
            0
            if asked.segment is None and len(view.segments) == 1
            else find_segment(view, asked.segment or "")
        )
        if place is None:
            return unknown(view, asked.segment or "")
        what = f"{FIGURES[name]} {title(t, place)}"
        name = f"{name}-{place + 1:02d}"
    else:
        what = FIGURES[name]
    found = view.figure(name)
    if found is None:
        return t.answer(f"This run has no figure “{asked.figure}”: {what}.", answered=False)
    t.note(f"figures/{found.name}", found.name)
    return t.answer(f"{what[0].upper()}{what[1:]}: {found}", figure=name)


FIGURES = {
    "cover": "the shapes of all segments, as on the cover",
    "peak-day": "the load of the peak day, stacked by segment",
    "gains": "the share of the load above baseload that a share of the customers carries (gains curve)",
    "segments": "the load shapes of all segments",
    "seasons": "the segments by season",
    "overlay": "the members and the mean shape of",
    "week": "weekdays and weekends of",
    "elbow": "inertia by number of segments (elbow)",
    "scores": "silhouette, stability and usefulness by number of segments",
    "tree": "the tree of segments",
    "silhouette": "the silhouettes of the members",
    "moves": "customers who moved between segments",
    "net": "the change of each segment's share",
    "reach": "the reduction by number of offers",
    "chance": "the chance of the goal by number of offers",
    "event-day": "the mean event day",
    "calibration": "predicted and observed enrolment",
    "plant": "what can be bid hour by hour of an event day",
    "turns": "what moves the total resource cost test",
    "bills": "the change of bills under the proposed tariff",
    "enrolment-gains": "the share of enrolments among the likeliest offers",
}
"""Figure → what it shows."""


def _table(t: Teller, places: list[int], metrics: tuple[str, ...]) -> Table:
    rows = [
        [
            t.text(f"segments.{place}.title"),
            *(value(t, metric, place) if known(t.view, metric, place) else "–" for metric in metrics),
        ]
        for place in places
    ]
    return table(["segment", *(METRICS[metric] for metric in metrics)], rows)
