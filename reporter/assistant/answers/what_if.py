"""Answers to what would be otherwise: the list made again by the code that made it, from what the run folder holds of each offer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reporter.assistant.answer import Answer, Teller, plain
from reporter.assistant.queries import Change
from reporter.assistant.view import View
from reporter.words import counted, kw, listed, percent

if TYPE_CHECKING:
    from reporter.targets.what_if import Changed, Columns, Outcome

_COLUMNS = (
    "program",
    "effect_kw",
    "effect_low_kw",
    "effect_high_kw",
    "effect_deviation_kw",
    "participation",
    "target_rank",
)
_TOLD: dict[str, Callable[[Any], str]] = {
    "goal_kw": lambda value: f"a goal of {kw(value)}",
    "budget": lambda value: f"a budget of {plain(value)}",
    "customers_max": lambda value: f"at most {counted(value, 'offer')}",
    "participation": lambda value: f"{percent(value)} accepting",
    "cost_per_offer": lambda value: f"{plain(value)} an offer",
    "cost_per_enrolment": lambda value: f"{plain(value)} an enrolment",
}


def what_if(view: View, asked: Change) -> Answer:
    """The list, recomputed."""
    t = Teller(view)
    changed = {name: value for name, value in asked.model_dump().items() if value is not None}
    if not changed:
        return t.answer(
            "Say what would be otherwise: a goal, a budget, a number of offers, a share that accepts, or a cost.",
            answered=False,
        )
    if view.external:
        return t.answer(
            "This run was made for readers outside the utility, and its list is not recomputed.",
            answered=False,
        )
    rules = view.facts["targets"].get("rules")
    if rules is None or not view.has_columns(_COLUMNS):
        return t.answer(
            "This run was made before lists could be made again; run `reporter generate` again on its readings.",
            answered=False,
        )
    costed = "cost_per_offer" in changed or "cost_per_enrolment" in changed
    if "budget" in changed and not costed and not any(row["per_offer"] is not None for row in rules["costs"]):
        return t.answer(
            "How far a budget goes depends on what an offer or an enrolment costs, and this run knows no costs; say in the question what one costs.",
            answered=False,
        )
    from reporter.targets.what_if import Changed

    found = outcome(view, Changed(**changed))
    return _told(t, changed, found)


def outcome(view: View, changed: "Changed") -> "Outcome":
    """The list with something changed, of a run that has what it takes."""
    from reporter.targets.rows import ListRules
    from reporter.targets.what_if import recompute

    targets = view.facts["targets"]
    rules = ListRules.model_validate(targets["rules"])
    return recompute(
        columns(view, [row.program for row in rules.costs]),
        rules,
        targets["enrolment_basis"],
        float(targets["goal_kw"]),
        targets["goal_source"] == "user",
        int(view.facts["method"]["seed"]),
        changed,
    )


def columns(view: View, programs: list[str]) -> "Columns":
    """What the run folder holds of an offer to each customer who could be offered one; the others change no list."""
    import numpy as np

    from reporter.assistant.arrow import codes, floats
    from reporter.targets.what_if import Columns

    table = view.columns(_COLUMNS)
    eligible = np.isfinite(floats(table["target_rank"]))
    names, places = codes(table["program"])
    place = {program: index for index, program in enumerate(programs)}
    index = np.array([place.get(name, -1) for name in names] + [-1], dtype=np.int64)

    def numbers(name: str) -> Any:
        return floats(table[name])[eligible]

    return Columns(
        program=index[places[eligible]],
        value=numbers("effect_kw"),
        low=numbers("effect_low_kw"),
        high=numbers("effect_high_kw"),
        deviation=numbers("effect_deviation_kw"),
        participation=numbers("participation"),
        eligible=np.ones(int(eligible.sum()), dtype=np.bool_),
    )


def _told(t: Teller, changed: dict[str, Any], found: "Outcome") -> Answer:
    for name, value in (*changed.items(), *vars(found).items()):
        t.note(f"what_if.{name}", value)
    goal = changed.get("goal_kw", t.view.get("targets.goal_kw"))
    if "goal_kw" not in changed:
        t.raw("targets.goal_kw")
    with_it = listed(_TOLD[name](value) for name, value in changed.items())
    low, high = kw(found.low_kw).removesuffix(" kW"), kw(found.high_kw)
    known = found.probability_of_goal is not None
    enrol = (
        f"if {counted(round(found.enrolments), 'customer')} of them {'enrols' if round(found.enrolments) == 1 else 'enrol'}"
        if known
        else "if all of them enrol"
    )
    text = f"With {with_it}: {counted(found.offers, 'offer')} bring {kw(found.expected_kw)} ({low} to {high}) {enrol}"
    if found.cost is not None:
        text += f", for {plain(found.cost, 0)} in all"
    text += f"; the goal of {kw(goal)} is {'reached' if found.reached else 'not reached'}"
    if known:
        text += (
            f" with a chance of {percent(found.probability_of_goal or 0.0)}"
            if found.reached
            else f", and the chance of it is {percent(found.probability_of_goal or 0.0)}"
        )
    text += f"{'. The limit ends the list' if found.limited else ''}. The run itself has {t.count('targets.recommended_offers', 'offer')} and {t.kw('targets.expected_kw')}."
    return t.answer(text, section="reach", figure="reach")
