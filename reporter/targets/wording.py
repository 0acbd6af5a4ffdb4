"""Numbers and names in sentences. Everything here is read by people who are not analysts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

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
    "declined-before": "Declined the program that fits best when it was offered before, and no past offer tells how likely a second one is accepted.",
    "program-too-small": "The program that fits best would have fewer than {min_program_offers} offers, too few to run it "
    "beside the others.",
    "beyond-goal": "Eligible, with a smaller effect than those who already reach the goal.",
    "beyond-offer-limit": "Eligible, with a smaller effect than those whom {limit} lets on the list.",
}
"""Reason for not being a target → the reason in words, in order of precedence: the first that holds counts."""


END_USES = {"ev": "charging", "temperature": "cooling or heating", "water": "water heating"}
"""End use of an effect → what it is called in a sentence."""


def peak_hours(starts: Iterable[datetime]) -> str:
    """The peak hours as a phrase: their hours of the day where these are one stretch, else no more than that."""
    hours = sorted({start.hour for start in starts})
    if not hours or hours[-1] - hours[0] != len(hours) - 1 or len(hours) > 12:
        return "in the peak hours"
    return f"on peak days between {hours[0]:02d}:00 and {hours[-1] + 1:02d}:00"


@dataclass(frozen=True)
class Offer:
    """What is said of an offer to one customer. Powers are means over the peak hours [kW]."""

    phrase: str
    """The program in a sentence."""
    published: str
    """The published effect in a sentence, such as ``20 % of the load, as published``."""
    coincident_kw: float
    baseload_kw: float
    """At most ``coincident_kw``."""
    effect_kw: float
    """What the program gives."""
    regular: float
    """Share of the peak hours in which at least half of the load above baseload is there; NaN where unknown."""
    end_use: str | None
    """What the program acts on, where its load is known."""
    end_use_kw: float
    capped_by: Literal["baseload", "end-use"] | None
    """What keeps the effect below the published one."""


def target_reason(when: str, offer: Offer) -> str:
    """Why a customer is on the list, as a call-centre agent could read it out.

    Args:
        when: the peak hours as a phrase.
        offer: to the customer.
    """
    above = kw(offer.coincident_kw - offer.baseload_kw)
    load = f"{when[0].upper()}{when[1:]} this customer draws {kw(offer.coincident_kw)}, {above} more than its baseload of {kw(offer.baseload_kw)}"
    if offer.regular == offer.regular:
        load += f"; at least half of that is there in {_share_of_hours(offer.regular)}"
    part = ""
    if offer.end_use is not None:
        part = f" {kw(offer.end_use_kw)} of it is {END_USES[offer.end_use]}."
    gain = f"{kw(offer.effect_kw)} ({offer.published})"
    if offer.capped_by == "baseload":
        gain = f"at most {kw(offer.effect_kw)} (all that is above the baseload; {offer.published}, would be more)"
    elif offer.capped_by == "end-use":
        gain = f"at most {kw(offer.effect_kw)} (all of that; {offer.published}, would be more)"
    return f"{load}.{part} {offer.phrase[0].upper()}{offer.phrase[1:]} would lower the load by {gain} if the customer enrols."


def _share_of_hours(share: float) -> str:
    return "all of these hours" if share > 0.9995 else f"{percent(share)} of these hours"
