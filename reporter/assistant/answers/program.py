"""Answers about the program: what is offered to whom, and what it brings."""

from reporter.assistant.answer import Answer, Teller, table
from reporter.assistant.answers.segments import title, unknown
from reporter.assistant.queries import OfProgram, OfSegment, OneStrategy, Reason
from reporter.assistant.titles import find_program, find_segment
from reporter.assistant.titles import plain as plain_name
from reporter.assistant.view import View
from reporter.words import listed

_STRATEGIES = {
    "targeted": "this list",
    "random": "choosing at random",
    "highest-bill": "the highest bills first",
    "highest-peak": "the highest own peaks first",
    "highest-load-segment": "the segment with the highest load first",
}


def condition(t: Teller) -> str:
    """Under which condition a reduction holds."""
    basis = t.view.get("targets.enrolment_basis")
    if basis == "none":
        return "if all of them enrol"
    if basis == "stated" and t.view.get("targets.enrolment_rate") is not None:
        return f"if {t.percent('targets.enrolment_rate')} accept, as stated"
    return f"if {t.count('targets.enrolments')} of them enrol, as past offers suggest"


def kw_range(t: Teller, low: str, high: str) -> str:
    """Both ends of a range."""
    first, last = t.kw(low), t.kw(high)
    return last if first == last else f"{first.removesuffix(' kW')} to {last}"


def summary(view: View) -> Answer:
    """The result in short."""
    t = Teller(view)
    offered = [place for place, row in enumerate(view.facts["targets"]["programs"]) if row["offers"]]
    if not offered:
        text = f"No customer is offered a program: of {t.count('quality.customers_used', 'customer')} used nobody is worth an offer by the published effects."
        return t.answer(text, section="decision")
    parts = [_offered(t, place) for place in offered[:3]]
    more = len(offered) - len(parts)
    also = f" (and {t.note('programs.more', more)} smaller)" if more else ""
    text = (
        f"Make {t.count('targets.recommended_offers', 'offer')}: {listed(parts)}{also}. That lowers the peak by {t.kw('targets.expected_kw')} "
        f"({kw_range(t, 'targets.low_kw', 'targets.high_kw')}) {condition(t)}."
    )
    if view.facts["targets"].get("provisional"):
        text += " This is no recommendation yet: the period lies outside the season that you plan for."
    return t.answer(text, section="decision", figure="peak-day")


def _offered(t: Teller, row: int) -> str:
    segment = t.view.place(t.view.get(f"targets.programs.{row}.segment_id"))
    path = f"targets.programs.{row}"
    return f"{t.text(f'{path}.title')} to {t.count(f'{path}.offers')} of {title(t, segment)}"


def goal(view: View) -> Answer:
    """Goal and expected reduction."""
    t = Teller(view)
    reached = view.get("targets.goal_reached")
    text = (
        f"The goal is {t.kw('targets.goal_kw')}, and the {t.count('targets.recommended_offers', 'offer')} bring {t.kw('targets.expected_kw')} "
        f"({kw_range(t, 'targets.low_kw', 'targets.high_kw')}) at the published effects {condition(t)}: the goal is {'expected to be reached' if reached else 'not reached'}."
    )
    t.raw("targets.goal_reached")
    if view.get("targets.probability_of_goal") is not None:
        text += f" The chance of reaching it is {t.percent('targets.probability_of_goal')}."
    else:
        text += " How likely that is can't be said without an enrolment history or a stated enrolment rate."
    return t.answer(text, section="decision", figure="reach")


def uncertainty(view: View) -> Answer:
    """What makes the reduction unsure."""
    t = Teller(view)
    if view.facts["targets"].get("uncertainty") is None:
        text = (
            f"The range of {kw_range(t, 'targets.low_kw', 'targets.high_kw')} is that of the published effects, which all customers share, so it does not "
            "shrink with more of them. How take-up adds to it is not known in this run."
        )
        return t.answer(text, section="reach")
    path = "targets.uncertainty"
    parts = {
        "effect_kw": "the published effects",
        "take_up_kw": "how many accept",
        "weather_kw": "load on the day",
        "own_kw": "what is each customer's own",
    }
    ordered = sorted(parts, key=lambda name: -float(view.get(f"{path}.{name}")))
    told = [f"{parts[name]} ({t.kw(f'{path}.{name}')})" for name in ordered]
    text = (
        f"With all parts together the reduction likely lies between {kw_range(t, f'{path}.likely_low_kw', f'{path}.likely_high_kw').replace(' to ', ' and ')}. "
        f"Standard deviations, largest first: {listed(told)}."
    )
    return t.answer(text, section="reach", figure="reach")


def programs(view: View) -> Answer:
    """All programs offered."""
    t = Teller(view)
    rows = [place for place, row in enumerate(view.facts["targets"]["programs"]) if row["offers"]]
    if not rows:
        return t.answer("No program is offered to anybody in this run.", section="decision")
    cells = []
    for row in rows:
        path = f"targets.programs.{row}"
        segment = t.text(f"segments.{view.place(view.get(f'{path}.segment_id'))}.title")
        cells.append(
            [
                t.text(f"{path}.title"),
                segment,
                t.count(f"{path}.offers"),
                t.kw(f"{path}.total_kw"),
                kw_range(t, f"{path}.low_kw", f"{path}.high_kw"),
            ]
        )
    each = [f"{_offered(t, row)} ({t.kw(f'targets.programs.{row}.total_kw')})" for row in rows]
    text = f"Offered: {listed(each)}."
    return t.answer(
        text, section="decision", table=table(["program", "segment", "offers", "reduction", "range"], cells)
    )


def program(view: View, asked: OfProgram) -> Answer:
    """One program."""
    t = Teller(view)
    name = find_program(view, asked.program)
    rows = [place for place, row in enumerate(view.facts["targets"]["programs"]) if row["program"] == name]
    if not rows:
        known = listed(
            dict.fromkeys(
                t.text(f"targets.programs.{place}.title")
                for place in range(len(view.facts["targets"]["programs"]))
            )
        )
        return t.answer(
            f"No segment of this run has that program; those that it speaks of are {known}.", answered=False
        )
    offered = [row for row in rows if view.get(f"targets.programs.{row}.offers")]
    first = f"targets.programs.{rows[0]}"
    if offered:
        to = listed(
            f"{t.count(f'targets.programs.{row}.offers')} of {title(t, view.place(view.get(f'targets.programs.{row}.segment_id')))} ({t.kw(f'targets.programs.{row}.total_kw')})"
            for row in offered
        )
        text = f"{t.text(f'{first}.title')} is offered to {to}."
    else:
        text = f"{t.text(f'{first}.title')} is offered to nobody{_why_none(t, first)}."
    text += f" {_effect(t, first)}"
    return t.answer(text, section="decision")


def _why_none(t: Teller, path: str) -> str:
    reason = t.view.get(f"{path}.no_offers")
    for place, row in enumerate(t.view.facts["targets"]["not_targets"]):
        if row["reason"] == reason:
            description = t.text(f"targets.not_targets.{place}.description").rstrip(".")
            return f": {description[0].lower()}{description[1:]}"
    return ""


def _effect(t: Teller, path: str) -> str:
    row = t.view.get(path)
    if row["effect_share"] is None or row["source"] is None:
        return t.sentence(f"{path}.range_note")
    if row["effect_basis"] == "kw-per-enrolment":
        effect = (
            f"{t.kw(f'{path}.effect_share')} ({kw_range(t, f'{path}.effect_low', f'{path}.effect_high')})"
        )
    else:
        effect = f"{t.percent(f'{path}.effect_share')} ({t.percent(f'{path}.effect_low').removesuffix(' %')} to {t.percent(f'{path}.effect_high')})"
    basis = t.text(f"{path}.source.basis")
    return f"Its published effect is {effect}, {basis}: {t.text(f'{path}.source.citation')}."


def segment_program(view: View, asked: OfSegment) -> Answer:
    """The program of a segment."""
    place = find_segment(view, asked.segment)
    if place is None:
        return unknown(view, asked.segment)
    t = Teller(view)
    wanted = view.segments[place]["segment_id"]
    matches = view.facts["targets"].get("matches", [])
    match = next((row for row, found in enumerate(matches) if found["segment_id"] == wanted), None)
    rows = [
        row for row, found in enumerate(view.facts["targets"]["programs"]) if found["segment_id"] == wanted
    ]
    offered = [row for row in rows if view.get(f"targets.programs.{row}.offers")]
    if offered:
        parts = listed(
            f"{t.text(f'targets.programs.{row}.title')} ({t.count(f'targets.programs.{row}.offers', 'offer')}, {t.kw(f'targets.programs.{row}.total_kw')})"
            for row in offered
        )
        text = f"Offer {title(t, place)}: {parts}."
    elif rows:
        text = f"{t.text(f'targets.programs.{rows[0]}.title')} fits {title(t, place)} best, but nobody there is offered it{_why_none(t, f'targets.programs.{rows[0]}')}."
    else:
        text = f"No program fits {title(t, place)}."
    if match is not None and matches[match]["reason"]:
        text += f" {t.sentence(f'targets.matches.{match}.reason')}"
        if matches[match]["second_reason"]:
            text += f" Second best: {t.sentence(f'targets.matches.{match}.second_reason')}"
    return t.answer(text, section="cards")


def how_chosen(view: View) -> Answer:
    """How the list was made."""
    t = Teller(view)
    first = (
        "by who makes it likeliest that the goal is reached"
        if view.get("targets.probability_of_goal") is not None
        else "by the published effect on their load in the peak hours"
    )
    text = (
        f"Of {t.count('quality.customers_used', 'customer')} used, {t.count('targets.eligible')} could be offered a program; they are put in order {first}, largest effect first among "
        f"equals, until the goal of {t.kw('targets.goal_kw')} is reached: {t.count('targets.recommended_offers', 'offer')}."
    )
    if view.get("targets.holdout"):
        text += f" {t.count('targets.holdout', 'customer')} in between {'is' if view.get('targets.holdout') == 1 else 'are'} set aside at random to measure against."
    return t.answer(text, section="list")


def why_not_targets(view: View, asked: Reason) -> Answer:
    """Why customers are not on the list."""
    t = Teller(view)
    rows = view.facts["targets"]["not_targets"]
    if asked.reason is not None:
        wanted = plain_name(asked.reason)
        place = next((place for place, row in enumerate(rows) if plain_name(row["reason"]) == wanted), None)
        if place is None:
            names = listed(t.text(f"targets.not_targets.{place}.reason") for place in range(len(rows)))
            return t.answer(
                f"No customer is off the list for that reason; the reasons are {names}.", answered=False
            )
        return t.answer(
            f"{t.count(f'targets.not_targets.{place}.customers', 'customer')}: {t.sentence(f'targets.not_targets.{place}.description')}",
            section="list",
        )
    order = sorted(range(len(rows)), key=lambda place: -rows[place]["customers"])
    if not order:
        return t.answer("Every customer used is on the list.", section="list")
    cells = [
        [
            t.sentence(f"targets.not_targets.{place}.description"),
            t.count(f"targets.not_targets.{place}.customers"),
        ]
        for place in order
    ]
    text = (
        f"Most customers who are not on the list ({cells[0][1]}) are not there for this reason: {cells[0][0]}"
    )
    if len(order) > 1:
        text += f" Next ({cells[1][1]}): {cells[1][0]}"
    return t.answer(text, section="list", table=table(["reason", "customers"], cells))


def strategies(view: View, asked: OneStrategy) -> Answer:
    """Other ways of choosing."""
    t = Teller(view)
    rows = {row["strategy"]: place for place, row in enumerate(view.facts["targets"]["strategies"])}
    if "targeted" not in rows:
        return t.answer("This run compares no ways of choosing customers.", answered=False)
    others = (
        [name for name in rows if name != "targeted"]
        if asked.strategy in (None, "targeted")
        else [asked.strategy]
    )

    def needs(name: str) -> str:
        path = f"targets.strategies.{rows[name]}"
        if t.raw(f"{path}.offers_needed") is None:
            return f"does not reach the goal with {t.count(f'{path}.offers', 'offer')} ({t.kw(f'{path}.expected_kw')})"
        return f"needs {t.count(f'{path}.offers_needed', 'offer')}"

    told = "; ".join(f"{_STRATEGIES[str(name)]} {needs(str(name))}" for name in others if name in rows)
    text = f"For the goal of {t.kw('targets.goal_kw')} {_STRATEGIES['targeted']} {needs('targeted')}; {told}."
    return t.answer(text, section="reach", figure="reach")


def concentration(view: View) -> Answer:
    """How concentrated the load at the peak is."""
    t = Teller(view)
    story = view.facts.get("story")
    if not story or not view.facts["targets"]["gains"]:
        return t.answer("This run does not say how concentrated the load at the peak is.", answered=False)
    text = (
        f"The {t.percent('story.gains_share')} of customers with most load above baseload in the peak hours hold {t.percent('story.gains_targeted')} of all of it; "
        f"the {t.percent('story.gains_share')} with the highest bills hold {t.percent('story.gains_highest_bill')}."
    )
    if story["why_segments"]:
        names = listed(title(t, view.place(name)) for name in story["why_segments"])
        text += f" {names} {'are' if len(story['why_segments']) > 1 else 'is'} {t.percent('story.why_customers_share')} of the customers and {t.percent('story.why_peak_share')} of the load then."
    return t.answer(text, section="why", figure="gains")


def enrolment(view: View) -> Answer:
    """What is known of take-up."""
    t = Teller(view)
    basis = view.get("targets.enrolment_basis")
    if basis == "none":
        text = "How many accept an offer is not known in this run: every figure reads “if all enrol”. Give past offers with --enrolment, or your own rate with the setting targets.enrolment_rate."
        return t.answer(text, section="decision")
    if basis == "stated":
        rate = (
            f"the stated rate of {t.percent('targets.enrolment_rate')}"
            if view.get("targets.enrolment_rate") is not None
            else "the rates that the catalogue states"
        )
        return t.answer(
            f"{t.count('targets.enrolments', 'enrolment')} of {t.count('targets.recommended_offers', 'offer')} are expected, by {rate}.",
            section="enrolment",
        )
    path = "targets.participation"
    text = (
        f"{t.count('targets.enrolments', 'enrolment')} of {t.count('targets.recommended_offers', 'offer')} are expected, from {t.count(f'{path}.offers', 'past offer')} of which "
        f"{t.count(f'{path}.enrolments')} were accepted. {t.sentence(f'{path}.reason')}"
    )
    return t.answer(text, section="enrolment", figure="calibration")


def events(view: View) -> Answer:
    """What events were worth."""
    t = Teller(view)
    if view.facts.get("events") is None:
        return t.answer("This run measures no events; give them with --events.", answered=False)
    path = "events.effect"
    text = (
        f"In the events customers who were called drew {t.kw(f'{path}.reduction_kw')} less each ({kw_range(t, f'{path}.low_kw', f'{path}.high_kw')}, "
        f"90 % interval), {t.kw('events.total_kw')} in all at an event, over {t.count('events.customers', 'customer')} measured."
    )
    t.note("events.interval", 0.9)
    return t.answer(text, section="events", figure="event-day")


def fairness(view: View) -> Answer:
    """Who is offered a program, by protected attributes."""
    t = Teller(view)
    rows = view.facts["targets"].get("groups", [])
    if not rows:
        return t.answer(
            "No protected attribute was given, so who is offered a program can't be broken down by one; it would come with --customers.",
            answered=False,
        )
    order = sorted(range(len(rows)), key=lambda place: -rows[place]["offered_share"])
    cells = [
        [
            t.text(f"targets.groups.{p}.column"),
            t.text(f"targets.groups.{p}.value"),
            t.count(f"targets.groups.{p}.customers"),
            t.percent(f"targets.groups.{p}.offered_share"),
            "–" if rows[p].get("eligible_share") is None else t.percent(f"targets.groups.{p}.eligible_share"),
        ]
        for p in order
    ]
    text = f"Protected attributes play no part in the choice. By {cells[0][0]}, {cells[0][1]} is offered a program most often ({cells[0][3]} of its customers), {cells[-1][0]} {cells[-1][1]} least ({cells[-1][3]})."
    if "–" not in (cells[0][4], cells[-1][4]):
        text += f" Of those who could be offered one it is {cells[0][4]} and {cells[-1][4]}."
    return t.answer(
        text,
        section="fairness",
        table=table(["attribute", "value", "customers", "offered", "of those who could be"], cells),
    )
