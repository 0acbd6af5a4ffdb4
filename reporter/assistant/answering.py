"""A query → its answer."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from reporter.assistant.answer import Answer, Teller, named
from reporter.assistant.answers import change, customers, data, method, money, program, segments
from reporter.assistant.queries import Arguments, Change, queries
from reporter.assistant.view import View
from reporter.errors import UsageError
from reporter.words import listed

_ANSWERS: dict[str, Callable[..., Answer]] = {
    "summary": program.summary,
    "goal": program.goal,
    "uncertainty": program.uncertainty,
    "programs": program.programs,
    "program": program.program,
    "segment_program": program.segment_program,
    "how_chosen": program.how_chosen,
    "why_not_targets": program.why_not_targets,
    "strategies": program.strategies,
    "concentration": program.concentration,
    "enrolment": program.enrolment,
    "events": program.events,
    "fairness": program.fairness,
    "segments": segments.segments,
    "segment": segments.segment,
    "rank_segments": segments.rank_segments,
    "compare_segments": segments.compare_segments,
    "why_label": segments.why_label,
    "figure": segments.figure,
    "count": data.count,
    "period": data.period,
    "peak_hours": data.peak_hours,
    "technology": data.technology,
    "data_quality": data.data_quality,
    "left_out": data.left_out,
    "findings": data.findings,
    "check": data.check,
    "why_k": method.why_k,
    "reliability": method.reliability,
    "method": method.method,
    "glossary": method.glossary,
    "limits": method.limits,
    "change": change.change,
    "cost_tests": money.cost_tests,
    "bills": money.bills,
    "plant": money.plant,
    "customer": customers.customer,
    "why_target": customers.why_target,
    "target_list": customers.target_list,
}


def answer(view: View, name: str, arguments: dict[str, Any]) -> Answer:
    """The answer to a query.

    Raises:
        UsageError: no such query, or arguments that it does not take.
    """
    if name not in queries():
        raise UsageError(f"{name}: no such query; there are {listed(queries())}.")
    query = queries()[name]
    try:
        given = query.arguments.model_validate(arguments)
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(str(part) for part in wrong["loc"]) or "arguments"
        takes = listed(query.arguments.model_fields) if query.arguments.model_fields else "no arguments"
        raise UsageError(f"{name}: {where}: {wrong['msg']}; it takes {takes}.") from error
    found = _help(view) if name == "help" else _told(view, name, given)
    return named(found, name, {key: value for key, value in given.model_dump().items() if value is not None})


def _told(view: View, name: str, given: Arguments) -> Answer:
    if isinstance(given, Change):
        from reporter.assistant.answers.what_if import what_if

        return what_if(view, given)
    tell = _ANSWERS[name]
    return tell(view, given) if type(given).model_fields else tell(view)


def example(view: View, name: str) -> str:
    """A question for a query, with segments of this run."""
    titles = [str(segment["title"]) for segment in view.segments]
    return queries()[name].example.format(segment=titles[0], other=titles[-1], customer="ID")


def _help(view: View) -> Answer:
    t = Teller(view)
    shown = [
        example(view, name)
        for name in ("summary", "rank_segments", "segment_program", "peak_hours", "what_if", "change")
    ]
    return t.answer(
        f"Ask about the result, the segments, the programs, the list, the data or the method; for example: {' '.join(shown)}"
    )
