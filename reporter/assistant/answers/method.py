"""Answers about how the run was made, and how far it can be trusted."""

from reporter.assistant.answer import Answer, Teller, table
from reporter.assistant.queries import Term, Topic
from reporter.assistant.titles import plain
from reporter.assistant.view import View
from reporter.words import listed

_METHODS = {
    "kmeans": "K-means",
    "hierarchical": "Ward’s hierarchical clustering",
    "dtw": "K-means under dynamic time warping",
    "dictionary": "a dictionary of typical days",
}


def why_k(view: View) -> Answer:
    """Why so many segments."""
    t = Teller(view)
    text = t.sentence("selection.reason")
    other = view.facts["selection"].get("alternative")
    if other is not None:
        text += f" Next best were {t.count('selection.alternative.k', 'segment')}, which agree with these by {t.number('selection.alternative.agreement')} (adjusted Rand index; 1 is the same)."
    rows = view.facts["selection"]["candidates"]
    cells = [
        [
            t.count(f"selection.candidates.{p}.k"),
            t.number(f"selection.candidates.{p}.silhouette"),
            t.number(f"selection.candidates.{p}.stability"),
        ]
        for p in range(len(rows))
    ]
    return t.answer(
        text,
        section="trust",
        figure="scores",
        table=table(["segments", "silhouette", "stability"], cells) if cells else None,
    )


def reliability(view: View) -> Answer:
    """How far the segments can be trusted."""
    t = Teller(view)
    k = view.get("selection.k")
    rows = view.facts["selection"]["candidates"]
    place = next((place for place, row in enumerate(rows) if row["k"] == k), None)
    parts = []
    if place is not None:
        parts.append(
            f"stability over resamples is {t.number(f'selection.candidates.{place}.stability')} (1 is the same) and the mean silhouette {t.number(f'selection.candidates.{place}.silhouette')}"
        )
        if rows[place]["usefulness"] is not None:
            parts.append(
                f"they explain {t.percent(f'selection.candidates.{place}.usefulness')} of the differences in evening load on days that they were not made from"
            )
    by_class = []
    for number, one in enumerate((view.facts.get("within") or {}).get("classes", [])):
        at = f"within.classes.{number}"
        tried = one["selection"]["candidates"]
        chosen = next((c for c, row in enumerate(tried) if row["k"] == one["selection"]["k"]), None)
        if chosen is not None:
            by_class.append(
                f"{t.number(f'{at}.selection.candidates.{chosen}.stability')} for {t.text(f'{at}.name')}"
            )
    if by_class:
        parts.append(f"stability over resamples is {listed(by_class)} (1 is the same)")
    if view.facts["selection"].get("halves_changed") is not None:
        parts.append(
            f"{t.percent('selection.halves_changed')} of customers would be in another segment by the odd days than by the even ones"
        )
    if not parts:
        return t.answer(
            "This run can't say how far its segments can be trusted.", answered=False, section="trust"
        )
    text = f"{listed(parts)}."
    return t.answer(text[0].upper() + text[1:], section="trust", figure="scores")


def method(view: View, asked: Topic) -> Answer:
    """How the run was made."""
    t = Teller(view)
    facts = view.facts.get("method")
    if not facts:
        return t.answer("This run does not say how it was made.", answered=False)
    if asked.topic == "settings":
        settings = facts["settings"]
        if not settings:
            return t.answer("All settings are at their defaults.", section="method")
        cells = [
            [t.note(f"method.settings.{name}.name", name), t.note(f"method.settings.{name}", value)]
            for name, value in settings.items()
        ]
        return t.answer(
            f"Settings that are not the default: {listed(f'{name} = {value}' for name, value in cells)}.",
            section="method",
            table=table(["setting", "value"], cells),
        )
    if asked.topic == "versions":
        told = [
            f"{name} {t.note(f'method.versions.{name}', value)}" for name, value in facts["versions"].items()
        ]
        return t.answer(f"Made with {listed(told)}.", section="method")
    if asked.topic == "inputs":
        each = [
            f"{t.text(f'method.inputs.{p}.name')} ({t.text(f'method.inputs.{p}.role')})"
            for p in range(len(facts["inputs"]))
        ]
        return t.answer(
            f"The run read {listed(each)}." if each else "The run names no input files.", section="sources"
        )
    clustering = t.text("method.clustering")
    text = (
        f"Each customer’s load profile is scaled ({t.text('method.normalise')}), so that size drops out and shape stays, and the shapes are grouped by {_METHODS.get(clustering, clustering)} "
        f"(seed {t.count('method.seed')}). {t.sentence('selection.reason')}"
    )
    return t.answer(text, section="method")


def glossary(view: View, asked: Term) -> Answer:
    """What a term means."""
    from reporter.resources import glossary as terms

    t = Teller(view)
    wanted = plain(asked.term)
    for entry in terms():
        if plain(entry.term) == wanted:
            t.note(f"glossary/{entry.term}", entry.definition)
            return t.answer(
                f"{entry.term[0].upper()}{entry.term[1:]}: {entry.definition}", section="glossary"
            )
    return t.answer(f"The glossary has no entry “{asked.term}”.", answered=False, section="glossary")


def limits(view: View) -> Answer:
    """What the report can't say."""
    t = Teller(view)
    rows = view.facts["quality"]["findings"]
    shown = [p for p, row in enumerate(rows) if row["severity"] == "serious"] + [
        p for p, row in enumerate(rows) if row["severity"] == "warning"
    ]
    text = "Reductions stand on effects that were published elsewhere, with their ranges, at the meter; load above baseload is an upper bound of what can move."
    if view.get("targets.enrolment_basis") == "none":
        text += " How many accept an offer is not known."
    if view.get("targets.peak_hours.source") == "sample":
        text += " The peak is that of the supplied meters, not of the system."
    if shown:
        text += f" Read before acting: {t.sentence(f'quality.findings.{shown[0]}.description')}"
    cells = [[t.sentence(f"quality.findings.{p}.description")] for p in shown]
    return t.answer(text, section="trust", table=table(["finding"], cells) if cells else None)
