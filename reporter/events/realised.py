"""The realised effects as rows of a catalogue of programs, for the utility to use instead of the published ones."""

import json
import re

from reporter.events.rows import EventStudy, SegmentEffect

_HEAD = """\
# Effects that your own events had, {period}: rows for your catalogue of programs (--programs).
# They were measured on customers who enrolled by themselves, in the weather of these events.
# Copy the rows that you want into your catalogue, before the published ones; check labels, title and phrase.
"""


def realised_rows(study: EventStudy, period: str) -> str | None:
    """TOML of the segments with a clear reduction; None where there is none.

    Args:
        study: of the events.
        period: their period, in words.
    """
    rows = [
        row
        for row in study.segments
        if row.effect is not None and row.effect.low_kw > 0 and row.effect.share is not None
    ]
    if not rows:
        return None
    count = sum(event.effect is not None for event in study.events)
    seen: dict[str, int] = {}
    return _HEAD.format(period=period) + "".join(_entry(row, study, period, count, seen) for row in rows)


def _entry(row: SegmentEffect, study: EventStudy, period: str, events: int, seen: dict[str, int]) -> str:
    effect = row.effect
    assert effect is not None
    name = re.sub(r"[^a-z0-9]+", "-", f"{row.program or 'events'} {row.label} realised".lower()).strip("-")
    seen[name] = seen.get(name, 0) + 1
    name = name if seen[name] == 1 else f"{name}-{seen[name]}"
    title = f"{(row.program or 'Own program').replace('-', ' ').capitalize()}, as it did in your events"
    low, value, high = (
        min(max(share or 0.0, 0.0), 1.0) for share in (effect.share_low, effect.share, effect.share_high)
    )
    against = "a matched comparison group" if study.method == "comparison-group" else "a baseline"
    texts = {
        "id": name,
        "title": title,
        "phrase": f"the {(row.program or 'program').replace('-', ' ')} that you run",
    }
    why = "your own events took that much away in this segment"
    note = f"Measured: the ends are those of the 90 % interval, {row.customers} customers in {events} events."
    lines = ["", "[[program]]", *(f"{key} = {_text(value)}" for key, value in texts.items())]
    lines += [f"labels = [{_text(row.label)}]", f"why = {_text(why)}", f"range_note = {_text(note)}", ""]
    lines += ["[program.effect]", f"value = {value:.3f}", f"low = {low:.3f}", f"high = {high:.3f}", ""]
    citation = f"own events, {period}"
    basis = f"load in events, segment “{row.title}”, against {against}"
    lines += [
        "[program.source]",
        f"citation = {_text(citation)}",
        f"basis = {_text(basis)}",
        "vendor_claim = false",
        "",
    ]
    return "\n".join(lines)


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False)
