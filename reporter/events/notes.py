"""What a reader of the events must know, and what can't be concluded from them."""

from collections.abc import Sequence

from reporter.events.loads import Called, Loads
from reporter.events.rows import EventStudy
from reporter.findings import Finding
from reporter.settings import EventSettings
from reporter.words import counted, kw, percent

_ALIKE = 0.25
"""Difference in standard deviations from which a comparison group is not alike (Stuart 2010, doi:10.1214/09-STS313)."""


def study_findings(loads: Loads, study: EventStudy | None, measured: Sequence[Called]) -> list[Finding]:
    """Findings about the events, those about reading them first."""
    findings = list(loads.findings)
    missing = len(loads.events) - len(measured)
    if missing or study is None:
        none = study is None
        findings.append(
            Finding(
                name="events-not-measured",
                severity="warning",
                description=(
                    "No event can be measured"
                    if none
                    else f"{counted(missing, 'event')} of {len(loads.events):,} can't be measured"
                )
                + ": it takes readings of those called on the day and on eight days like it without an event.",
                data={"events": missing, "of": len(loads.events)},
            )
        )
    if study is None:
        return findings
    if study.method == "baseline":
        findings.append(
            Finding(
                name="no-comparison-group",
                severity="warning",
                description=f"Only {counted(study.pool, 'customer')} with readings {'is' if study.pool == 1 else 'are'} in no program, too few to "
                "compare with; events are measured against the least biased baseline.",
                data={"customers": study.pool},
            )
        )
    if study.few:
        findings.append(
            Finding(
                name="events-few-customers",
                severity="warning",
                description=f"The events called {counted(study.customers, 'customer')} with readings: what they did is measured, and says nothing of "
                "others.",
                data={"customers": study.customers},
            )
        )
    apart = max((abs(row.difference_after) for row in study.balance), default=0.0)
    if apart > _ALIKE:
        row = max(study.balance, key=lambda row: abs(row.difference_after))
        findings.append(
            Finding(
                name="comparison-differs",
                severity="warning",
                description=f"The comparison group is not quite like the customers called: its {row.what} is {kw(row.matched_kw)}, theirs "
                f"{kw(row.called_kw)}. What weather does to the difference may be taken for the program.",
                data={"difference": apart},
            )
        )
    if study.effect.low_kw <= 0 <= study.effect.high_kw:
        findings.append(
            Finding(
                name="event-effect-not-clear",
                severity="warning",
                description=f"The reduction in the events, {kw(study.effect.reduction_kw)} a customer, can't be told from none "
                f"(90 % interval {kw(study.effect.low_kw)} to {kw(study.effect.high_kw)}).",
                data={"reduction_kw": study.effect.reduction_kw},
            )
        )
    return findings


def limits_of(study: EventStudy, options: EventSettings) -> list[str]:
    """What can't be concluded, the weightiest first."""
    sentences = []
    if study.few:
        sentences.append(
            f"{counted(study.customers, 'customer')} took part. What is measured holds for them, in these events: it does not say what other "
            "customers, a segment or a larger program would do, and no effect for the catalogue is drawn from it."
        )
    if study.effect.low_kw <= 0 <= study.effect.high_kw:
        sentences.append("Whether there was a reduction at all is open: the interval holds zero.")
    if study.method == "comparison-group":
        sentences.append(
            "Customers who enrol may differ from those who don't in ways that load does not show. The comparison takes off what the weather and "
            "the day do to both; only a group drawn by lot would take off the rest."
        )
    else:
        sentences.append(
            "Without a comparison group, whatever else set these days apart from days like them is taken for the program."
        )
    short = [row for row in study.segments if row.effect is None]
    if short and not study.few:
        sentences.append(
            f"{counted(len(short), 'segment')} had fewer than {options.least_customers} customers called: too few to say anything of "
            f"{'it' if len(short) == 1 else 'them'}."
        )
    if study.compliance is not None:
        sentences.append(
            "Who took part is not metered. One customer’s load swings from day to day by more than most reductions, so the share given is the "
            f"least that fits, at {percent(study.compliance.part)} below the baseline."
        )
    sentences.append(
        "The effect holds for the weather and the notice of these events; others may bring more or less."
    )
    return sentences
