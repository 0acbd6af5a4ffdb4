"""The standing questions of a program manager, and a paragraph for those upstairs: the same queries, answered once for the report."""

from typing import Any

from reporter.assistant.answer import Answer
from reporter.assistant.answering import answer
from reporter.assistant.view import View

_ASKED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("How sure is the reduction?", "uncertainty", {}),
    ("How many will accept?", "enrolment", {}),
    ("How were these customers chosen?", "how_chosen", {}),
    ("Why not simply the highest bills?", "strategies", {"strategy": "highest-bill"}),
    ("Which segment carries most of the peak?", "rank_segments", {"metric": "coincident_share"}),
    ("When is the peak?", "peak_hours", {}),
    ("Why are the others not on the list?", "why_not_targets", {}),
    ("What changed since last time?", "change", {}),
    ("Can we trust the segments?", "reliability", {}),
    ("How good is the data?", "data_quality", {}),
)
_PARAGRAPH = ("period", "summary", "goal", "limits")


def standing(view: View) -> list[dict[str, Any]]:
    """The questions that this run answers, as ``facts.questions`` has them."""
    rows = []
    for question, query, arguments in _ASKED:
        found = answer(view, query, arguments)
        # What the run does not hold is said where it is missing; an appendix of gaps helps nobody.
        if found.answered:
            rows.append(_row(question, found))
    return rows


def narrative(view: View) -> dict[str, Any]:
    """The run in a paragraph, as ``facts.narrative`` has it."""
    parts = [answer(view, query, {}) for query in _PARAGRAPH]
    paths = dict.fromkeys(fact.path for part in parts for fact in part.facts)
    return {"text": " ".join(part.text for part in parts if part.answered), "facts": list(paths)}


def _row(question: str, found: Answer) -> dict[str, Any]:
    paths = dict.fromkeys(fact.path for fact in found.facts)
    return {
        "question": question,
        "answer": found.text,
        "query": found.query,
        "arguments": found.arguments,
        "facts": list(paths),
        "section": found.section,
    }
