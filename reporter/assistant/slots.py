"""Arguments of a query from what a question names."""

from collections.abc import Iterable
from typing import Any

from reporter.assistant.queries import queries
from reporter.assistant.reading import Item, Named, Read, common_terms
from reporter.assistant.titles import plain
from reporter.assistant.view import View
from reporter.assistant.wording import fillers
from reporter.resources import glossary

_LOWEST = frozenset(
    (
        "flattest",
        "quietest",
        "calmest",
        "fuzziest",
        "blur",
        "blurry",
        "blurred",
        "overlap",
        "fuzzy",
        "poorly",
        "poorest",
        "thriftiest",
        "thrifty",
        "easiest",
        "leanest",
        "mildest",
        "gentlest",
        "loosest",
        "messiest",
        "thinnest",
        "slowest",
        "shortest",
        "least",
        "lowest",
    )
)
DEVICE_LABEL = {"solar": "solar-export"}
"""Device → label of the segment that it makes."""
BY_DEVICE = ("segment_program", "why_label")
"""Queries that may name a segment by its device."""


def fill(query: str, fixed: dict[str, Any], read: Read, view: View) -> dict[str, Any] | None:
    """The arguments; None where the question does not give one that the query needs."""
    fields = queries()[query].arguments.model_fields
    found = dict(fixed)
    for name, info in fields.items():
        if name in found:
            continue
        value = _SLOTS.get(f"{query}.{name}", _SLOTS.get(name, lambda *_: None))(query, read, view)
        if value is not None:
            found[name] = value
        elif info.is_required():
            return None
    if query == "what_if" and not found:
        return None
    if query == "compare_segments" and found["first"] == found["second"]:
        return None
    if query == "change" and found.get("aspect") == "segment" and "segment" not in found:
        return None
    if query == "change" and found.get("aspect") != "segment":
        found.pop("segment", None)
    if (
        query == "figure"
        and found["figure"] in ("overlay", "week")
        and "segment" not in found
        and len(view.segments) > 1
    ):
        return None
    return found


def _segments(read: Read, view: View, query: str) -> list[str]:
    found = read.named("segment")
    for place in read.named("ordinal"):
        if -len(view.segments) <= place < len(view.segments):
            found.append(view.segments[place]["segment_id"])
    if not found and query in BY_DEVICE:
        labels = {DEVICE_LABEL.get(device) for device in read.named("device")}
        found = [row["segment_id"] for row in view.segments if row["label"] in labels][:1]
    return found


def _segment(query: str, read: Read, view: View) -> str | None:
    found = _segments(read, view, query)
    if query == "figure" and read.named("figure") and read.named("figure")[0] not in ("overlay", "week"):
        return None
    return found[0] if found else None


def _first(query: str, read: Read, view: View) -> str | None:
    found = _segments(read, view, query)
    return found[0] if len(found) > 1 else None


def _second(query: str, read: Read, view: View) -> str | None:
    found = _segments(read, view, query)
    return found[1] if len(found) > 1 else None


def _metric(query: str, read: Read, view: View) -> str | None:
    named = [
        item
        for item in read.items
        if isinstance(item, Named) and item.value("metric") and not item.value("segment")
    ]
    found = [str(item.value("metric")) for item in named]
    words = {item for item in read.items if isinstance(item, str)} | {
        word for item in named for word in item.surface.split()
    }
    timed = bool(words & {"when", "hour", "o'clock"}) or bool({"what", "time"} <= words)
    peak = bool(words & {"peakhours", "peak"}) or "peak_hour" in found
    # A named figure that is more than the bare word “peak” is what is asked for.
    sure = [name for name in found if name not in ("peak_hour", "customers", "energy_kwh_per_day")]
    if sure[:1] == ["coincident_kw"] and words & {"share", "contribute"}:
        return "coincident_share"
    if sure:
        return sure[0]
    if query == "rank_segments" and {"earliest", "latest"} & set(read.plain):
        return "peak_hour"
    if query == "segment" and "howmany" in words and words & {"offer", "target"}:
        return "offers"
    if "share" in words or "contribute" in words or ("source" in words and "howmuch" in words):
        if not peak and words & {"energy", "kwh", "electricity"}:
            return "energy_share"
        if peak or "contribute" in words:
            return "coincident_share"
        if words & _ENERGY or "energy_kwh_per_day" in found:
            return "energy_share"
        if "customer" in words:
            return "customers"
    if (
        timed
        and query in ("segment", "compare_segments")
        and (peak or words & {"most", "least", "draw", "load", "power"})
    ):
        return "lowest_hour" if "least" in words else "peak_hour"
    if peak and not timed and words & {"draw", "howmuch", "kw", "kilowatt", "mw", "load", "power"}:
        return "coincident_kw"
    if found:
        # “Users” and “homes” stand beside what is asked of them.
        return max(found, key=lambda name: (name != "peak_hour") + (name not in ("peak_hour", "customers")))
    if query in ("segment", "compare_segments") and timed:
        return "lowest_hour" if "least" in words else "peak_hour"
    if "howmany" in words and "customer" in words:
        return "customers"
    if "offer" in words and ("howmany" in words or query in ("rank_segments", "compare_segments")):
        return "offers"
    if "kw" in words:
        return "coincident_kw"
    if words & {"draw", "kwh", "energy", "electricity"}:
        return "energy_kwh_per_day"
    if words & {"howmany", "howmuch"} or (
        query == "rank_segments" and words & {"most", "least", "segment", "size"}
    ):
        return "customers"
    if query == "compare_segments" and (
        words & {"larger", "bigger", "smaller"} or {"more", "are"} <= words or {"more", "customer"} <= words
    ):
        return "customers"
    if query == "segment" and "peakhours" in words and not words & {"offer", "why"}:
        return "peak_hour"
    # “S6 customers”: a figure and a segment, and nothing else.
    alone = read.words()[0] if query == "segment" and len(read.words()) == 1 and len(read.items) == 2 else ""
    return _ALONE.get(alone)


_ALONE = {"customer": "customers", "offer": "offers", "peakhours": "peak_hour"}
_ENERGY = frozenset(("energy", "kwh", "electricity", "draw", "power"))


def _order(query: str, read: Read, view: View) -> str | None:
    words = {
        word for item in read.items for word in (item if isinstance(item, str) else item.surface).split()
    }
    return "lowest" if words & _LOWEST else None


def _count(query: str, read: Read, view: View) -> int | None:
    found = read.named("number") + (read.named("people") if query == "target_list" else [])
    whole = [int(number) for number in found if 1 <= number <= 100 and number == int(number)]
    return whole[0] if whole else None


def _named(kind: str) -> Any:
    def first(query: str, read: Read, view: View) -> Any:
        found = read.named(kind)
        return found[0] if found else None

    return first


def _term(query: str, read: Read, view: View) -> str | None:
    terms = {plain(entry.term): entry.term for entry in glossary()}
    found = read.named("term")
    if found:
        return str(found[0])
    for word in read.words():
        if (word,) in common_terms():
            return common_terms()[(word,)]
    for kind in ("metric", "program", "figure", "strategy"):
        for value in read.named(kind):
            name = plain(str(value)).replace(" kw", "").replace(" share", "")
            match = terms.get(plain(str(value))) or terms.get(name) or _TERMS.get(str(value))
            match = match or next((term for form, term in terms.items() if form.startswith(name)), None)
            if match is not None:
                return str(match)
    return None


_TERMS = {
    "coincident_kw": "coincident load",
    "above_baseload_kw": "load above baseload",
    "coincident_share": "coincident peak",
}


def _cost(per: str) -> Any:
    def find(query: str, read: Read, view: View) -> float | None:
        items = list(read.items)
        priced = any(isinstance(item, Named) and item.value("money") is not None for item in items)
        for place, item in enumerate(items):
            if not isinstance(item, Named) or _role(items, place) != per:
                continue
            if item.value("money") is not None:
                return float(item.value("money"))
            # “150 dollars a thermostat and a letter 2”: a number beside a sum of money is one too, where it has a place.
            if priced and item.value("number") is not None and per != "budget":
                return float(item.value("number"))
        return None

    return find


def _role(items: list[Any], place: int) -> str:
    """What a sum of money is: the budget, or the cost of an offer or an enrolment."""
    before, after = _beside(reversed(items[:place])), _beside(items[place + 1 :])
    # “10 dollars an offer” and “10 dollars per offer”: right beside it, or after a word that says so.
    next_two = [item for item in items[place + 1 : place + 3] if isinstance(item, str)]
    right = next_two[1:2] if next_two[:1] in (["per"], ["each"], ["every"], ["for"]) else next_two[:1]
    for word in (*right, *before):
        if word in ("budget", "spend"):
            return "budget"
        if word in _ENROLMENT and (word in right or word in before[:1] or "cost" in before):
            return "cost_per_enrolment"
        if word in _OFFER and (word in right or word in before[:1] or "cost" in before):
            return "cost_per_offer"
    if "cost" in after or "each" in after:
        return next(
            (
                f"cost_per_{kind}"
                for kind, words in (("enrolment", _ENROLMENT), ("offer", _OFFER))
                if after[:1] and after[0] in words
            ),
            "budget",
        )
    return "budget"


_ENROLMENT = ("enrol", "device", "program")
_OFFER = ("offer", "letter", "mail", "customer")


def _beside(items: Iterable[Item]) -> list[str]:
    """The three nearest words with a meaning, as far as the next number; a program's name stands for what it installs."""
    found: list[str] = []
    for item in items:
        if item == "and":
            break
        if isinstance(item, Named):
            if not item.value("program"):
                break
            found.append("program")
        elif item not in fillers():
            found.append(item)
    return found[:3]


def _people(query: str, read: Read, view: View) -> int | None:
    found = read.named("people")
    return int(found[0]) if found else None


_SLOTS: dict[str, Any] = {
    "segment": _segment,
    "first": _first,
    "second": _second,
    "metric": _metric,
    "order": _order,
    "count": _count,
    "program": _named("program"),
    "reason": _named("reason"),
    "strategy": _named("strategy"),
    "device": _named("device"),
    "check": _named("check"),
    "test": _named("test"),
    "term": _term,
    "figure": _named("figure"),
    "customer_id": _named("customer"),
    "goal_kw": _named("kw"),
    "budget": _cost("budget"),
    "cost_per_offer": _cost("cost_per_offer"),
    "cost_per_enrolment": _cost("cost_per_enrolment"),
    "customers_max": _people,
    "participation": _named("percent"),
}
