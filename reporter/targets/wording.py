"""Numbers and names in sentences. Everything here is read by people who are not analysts."""

from collections.abc import Iterable
from datetime import datetime

from reporter.words import kw, percent

DESCRIPTIONS = {
    "life-support": "On life support: never offered a program.",
    "medical-baseline": "On a medical baseline: never offered a program.",
    "already-enrolled": "Enrolled in a program already.",
    "opted-out": "Opted out of offers.",
    "no-readings-in-peak-hours": "No readings in the peak hours, so the load that could move is not known.",
    "no-program-for-segment": "No program of the catalogue fits the load shape of the segment.",
    "segment-low-at-peak": "Less than {min_above_percent} of the segment's load in the peak hours is above baseload: "
    "there is little to gain at the peak, however high the bill.",
    "not-eligible": "The programs that fit the segment are for other customers, by devices, attributes or past enrolment.",
    "program-not-quantified": "The program that fits the segment has no published effect that applies to the load "
    "at the peak.",
    "small-effect": "The published effect gives less than {min_effect_kw:.3g} kW at the peak.",
    "program-too-small": "The program that fits the segment would have fewer than {min_program_offers} offers, too few "
    "to run it beside another that reaches the goal.",
    "beyond-goal": "Eligible, with a smaller effect than those who already reach the goal.",
    "beyond-offer-limit": "Eligible, with a smaller effect than those whom {limit} lets on the list.",
}
"""Reason for not being a target → the reason in words, in order of precedence: the first that holds counts."""


END_USES = {"ev": "charging", "temperature": "heating or cooling", "water": "water heating"}
"""End use of an effect → what it is called in a sentence."""


def peak_hours(starts: Iterable[datetime]) -> str:
    """The peak hours as a phrase: their hours of the day where these are one stretch, else no more than that."""
    hours = sorted({start.hour for start in starts})
    if not hours or hours[-1] - hours[0] != len(hours) - 1 or len(hours) > 12:
        return "in the peak hours"
    return f"in the peak hours (between {hours[0]:02d}:00 and {hours[-1] + 1:02d}:00)"


def target_reason(
    when: str,
    phrase: str,
    effect: str,
    coincident_kw: float,
    baseload_kw: float,
    effect_kw: float,
    *,
    capped: bool,
    regular: float = float("nan"),
) -> str:
    """Why a customer is on the list, as a call-centre agent could read it out.

    Args:
        when: the peak hours as a phrase.
        phrase: the program in a sentence.
        effect: the published effect in a sentence, such as ``20 % of its load, as published``.
        coincident_kw: mean load in the peak hours [kW].
        baseload_kw: the customer's baseload, at most ``coincident_kw`` [kW].
        effect_kw: what the program gives [kW].
        capped: whether that is all of the load above baseload, the published share being more.
        regular: share of the peak hours in which at least half of the load above baseload is there; NaN where unknown.
    """
    above = kw(coincident_kw - baseload_kw)
    load = (
        f"{when[0].upper()}{when[1:]} this customer draws {kw(coincident_kw)}, {above} more than its baseload"
    )
    gain = (
        f"at most {kw(effect_kw)} (all that is above its baseload; {effect}, would be more)"
        if capped
        else f"{kw(effect_kw)} ({effect})"
    )
    often = f" (at least half of that in {percent(regular)} of those hours)" if regular == regular else ""
    return (
        f"{load} of {kw(baseload_kw)}{often}; {phrase} would lower the load by {gain} if the customer enrols."
    )
