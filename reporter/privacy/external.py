"""A run's results → the facts of a report for others: sums that satisfy the aggregation rule, and nothing else."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from reporter.errors import UsageError
from reporter.facts import Facts, Method, Privacy, Quality, Segment, Targets, tell
from reporter.facts.build import build_facts
from reporter.facts.rounding import rounded
from reporter.money import Worth
from reporter.money.bills import Z80
from reporter.privacy.guard import Ids
from reporter.privacy.partition import NOT_OFFERED, TOGETHER, Division, Earlier, divide
from reporter.privacy.regroup import regroup, regroup_targets
from reporter.privacy.rule import Cells, Ruled, ruled
from reporter.profiles import Profiles
from reporter.readings import Readings
from reporter.segments import Segmentation, relative
from reporter.settings import Settings
from reporter.targets import Targeting
from reporter.targets.repeats import REASON
from reporter.targets.rows import GroupShare, NotTarget, Participation
from reporter.technology import Technology

_WITHHELD = (
    "Every customer’s id, curve and place on a list.",
    "Who has which devices, what they draw, and parts of the load of few customers.",
    "How offers rank, how many it takes and what other ways of choosing would bring: each step along such a curve is a few customers.",
    "What events that happened did: they called customers of their own, who are no union of the groups shown here, so that two reports could differ by a single one.",
    "What changed since an earlier period: those who moved from one segment to another are few, and differ from the groups shown here by few.",
)
_INSIDE = frozenset(
    {
        REASON,
        "comparison-differs", "event-customers-sampled", "event-effect-not-clear", "event-hours-left-out", "event-program-unknown",
        "events-few-customers", "events-not-measured", "events-outside-period", "no-comparison-group", "outages-known",
        "outages-with-load",
    }
)  # fmt: skip
"""Findings about customers who are no union of the groups shown: those called to events that happened, and those who declined offers."""
_COUNTED = re.compile(
    r"(?<![\d.,])(\d[\d,]*)(?= (?:[a-z-]+ ){0,2}(?:customers?|homes?|offers?|enrolments?|past|ended)\b)"
)
"""Numbers of customers in a sentence."""
_OF_ELIGIBLE = frozenset(("beyond-goal", "beyond-offer-limit", "program-too-small"))
"""Reasons of customers who could be offered a program."""
_CHECK_FIGURES: dict[str, Any] = {
    "coverage_map": None,
    "readings_by_day": [],
    "daily_energy": [],
    "longest_gap_hours": None,
}


@dataclass(frozen=True)
class Outside:
    """What may leave the utility, and what its own record keeps of it."""

    facts: Facts
    cells: Cells
    """(n,) published set of each customer."""
    energy: "np.ndarray[Any, np.dtype[np.float64]]"
    """(n,) energy taken and given [kWh]."""


def external(
    readings: Readings,
    profiles: Profiles,
    technology: Technology,
    segmentation: Segmentation,
    targeting: Targeting,
    attributes: pd.DataFrame | None,
    method: Method,
    settings: Settings,
    value: Callable[[Segmentation, Targeting], Worth],
    earlier: Earlier | None,
) -> Outside:
    """The facts of a report for others.

    Args:
        readings, profiles, technology, segmentation, targeting, attributes, method, settings: of the run.
        value: what the offers are worth, by the segments that it is given.
        earlier: reports of the same time that were given out; ``None`` where no record of them is kept.

    Raises:
        UsageError: nothing can be shown that satisfies the rule.
    """
    energy = profiles.import_kwh + profiles.export_kwh
    rule = ruled(energy, profiles.customer_id, attributes, settings.privacy)
    offered = np.full(len(energy), NOT_OFFERED, dtype=np.int64)
    rows = targeting.listed[targeting.group == "offer"]
    offered[rows], names = pd.factorize(targeting.program[rows], sort=True)
    division = divide(segmentation.assignment.astype(np.int64), offered, rule, earlier)
    if division is None:
        raise UsageError(_refused(offered, rule, settings, bool(earlier and earlier.reports)))
    joined = frozenset(str(names[number]) for number in np.unique(offered[division.offered == TOGETHER]))
    shown = regroup(segmentation, division.segment)
    targets = regroup_targets(targeting, shown, joined, rule.least)
    worth = value(shown, targets)
    if joined:
        # What a program costs and saves is told by its own figures, and those of all together by theirs.
        worth = replace(worth, money=None)
    facts = build_facts(readings, profiles, technology, shown, targets, method, settings, None, worth)
    facts = _shareable(facts, profiles, shown, division, rule, segmentation, earlier, joined)
    return Outside(_without_ids(facts, readings), division.cells, energy)


def _refused(offered: Cells, rule: Ruled, settings: Settings, earlier: bool) -> str:
    asked = settings.privacy.rule
    start = f"--audience external: no two groups of segments satisfy the aggregation rule ({asked})"
    if earlier:
        return (
            f"{start} beside the earlier reports in privacy.releases, which divide nearly the same customers otherwise; give out the earlier "
            "report again, or keep its segments and offers."
        )
    offers = int((offered >= 0).sum())
    if offers > 0 and not rule.allows(offered >= 0):
        return f"{start}: a program is offered to {offers:,} customers only, all programs together; set a larger goal."
    return f"{start}; use more customers or fewer segments (--k)."


def _shareable(
    facts: Facts,
    profiles: Profiles,
    shown: Segmentation,
    division: Division,
    rule: Ruled,
    segmentation: Segmentation,
    earlier: Earlier | None,
    joined: frozenset[str],
) -> Facts:
    together = len(segmentation.labels) - len({n for n in division.segment.tolist() if n >= 0})
    used = facts.quality.customers_used
    technology = facts.technology
    changed = facts.model_copy(
        update={
            "quality": _quality(facts.quality, profiles, rule.least),
            "segments": [
                _segment(segment, profiles, shown.assignment == index, rule.least)
                for index, segment in enumerate(facts.segments)
            ],
            "targets": _targets(facts.targets, used, rule.least),
            "technology": technology.model_copy(update={"signs": _signs(technology.signs, rule.least)})
            if technology
            else None,
            "method": facts.method.model_copy(
                update={
                    "inputs": [
                        file.model_copy(update={"name": file.role, "sha256": "withheld", "size_bytes": 0})
                        for file in {file.role: file for file in facts.method.inputs}.values()
                    ]
                }
            )
            if facts.method
            else None,
            "privacy": Privacy(
                rules=list(dict.fromkeys(entry.text for entry in rule.rules)),
                segments_together=together,
                withheld=[*_WITHHELD, *_of_this_run(facts, joined, rule)],
                earlier_reports=None if earlier is None else len(earlier.reports),
            ),
        }
    )
    told = Facts.model_validate(rounded(changed.model_dump()))
    return told.model_copy(update={"story": tell(told)})


def _of_this_run(facts: Facts, joined: frozenset[str], rule: Ruled) -> list[str]:
    """What is left out of this report beside what is always."""
    said = []
    if joined:
        said.append(
            f"{len(joined)} programs by themselves, and what programs cost and are worth: one of them is offered to too few, and the others would give it by subtraction."
        )
    if _left_out(facts.quality, rule.least):
        said.append("How many customers could not be used, or why: that is of few.")
    columns = {group.column for group in facts.targets.groups}
    left = columns - {
        group.column for group in _groups(facts.targets.groups, facts.quality.customers_used, rule.least)
    }
    if left:
        names = ", ".join(sorted(name.replace("_", " ") for name in left))
        said.append(
            f"Who is offered a program by {names}: of some values too few customers are offered one, could not be, or are there at all."
        )
    return said


def _quality(quality: Quality, profiles: Profiles, least: int) -> Quality:
    """The audit without pictures that show single customers; the energy is that of the customers used, so that none is left to subtract."""
    return quality.model_copy(
        update={
            **_CHECK_FIGURES,
            **_left_out(quality, least),
            "energy_kwh": float(profiles.import_kwh.sum()),
            "export_kwh": float(profiles.export_kwh.sum()),
            "checks": [check for check in quality.checks if not 0 < check.customers < least],
            "findings": [
                finding.model_copy(update={"data": {}})
                for finding in quality.findings
                if not _of_few(finding.name, finding.description, least)
            ],
        }
    )


def _left_out(quality: Quality, least: int) -> dict[str, Any]:
    """Customers who could not be used, by reason where these are enough; where all together are too few they are not told of."""
    if 0 < quality.customers_read - quality.customers_used < least:
        return {"customers_read": quality.customers_used, "excluded": []}
    return {} if all(row.customers >= least for row in quality.excluded) else {"excluded": []}


def _of_few(name: str, description: str, least: int) -> bool:
    """Whether a finding is about customers of their own, or counts fewer than the rule asks for."""
    return name in _INSIDE or any(
        0 < int(number.replace(",", "")) < least for number in _COUNTED.findall(description)
    )


def _segment(segment: Segment, profiles: Profiles, members: Any, least: int) -> Segment:
    """The band from mean and standard deviation, so that no line of it is a customer's own."""
    shapes = relative(profiles.profile_kw[members]).astype(np.float64)
    mean, spread = shapes.mean(axis=0), shapes.std(axis=0)
    return segment.model_copy(
        update={
            "shape_low": list(mean - Z80 * spread),
            "shape_high": list(mean + Z80 * spread),
            "silhouette_values": [],
            "technology": _signs(segment.technology, least),
        }
    )


def _signs(signs: Sequence[Any], least: int) -> list[Any]:
    return [
        sign.model_copy(update={"peak_kw": None, "evidence": ""})
        for sign in signs
        if sign.customers >= least and sign.examined - sign.customers >= least
    ]


def _targets(targets: Targets, used: int, least: int) -> Targets:
    peak = targets.peak_hours
    # Those held back are few: how many offers are made says enough.
    hidden = targets.holdout if targets.holdout < least else 0
    reasons = _few_reasons(targets.not_targets, least, hidden)
    told = targets.recommended_offers + sum(row.customers for row in reasons if row.reason in _OF_ELIGIBLE)
    areas = peak.areas if all(area.customers >= least for area in peak.areas) else []
    return targets.model_copy(
        update={
            "peak_hours": peak.model_copy(update={"areas": areas}),
            "groups": _groups(targets.groups, used, least),
            "not_targets": reasons,
            "participation": _history(targets.participation, least),
            "holdout": targets.holdout - hidden,
            # Without those whose number would follow from the others': they are few.
            "eligible": told if targets.eligible - told < least else targets.eligible,
            # Each of these divides the offers, or who could have one, otherwise than the sets that the rule was held against.
            "repeat_offers": None,
            "may_be_asked": 0,
            "offered_gain_share": 0.0,
            # What offers cost and the budget are the utility's own.
            "rules": None,
        }
    )


def _history(history: Participation | None, least: int) -> Participation | None:
    """What past offers say, without counts of few."""
    if history is None:
        return None
    lost = 0 if history.offers_without_customer < least else history.offers_without_customer
    left = history.opted_out if history.opted_out is None or history.opted_out >= least else None
    return history.model_copy(
        update={
            "offers_without_customer": lost,
            "opted_out": left,
            "repeat_offers": 0,
            "repeat_enrolments": 0,
            "repeat_low": None,
            "repeat_high": None,
        }
    )


def _groups(groups: Sequence[GroupShare], used: int, least: int) -> list[GroupShare]:
    """Columns of which every count, and all that follow by subtraction, are of enough customers or of none."""
    kept: list[GroupShare] = []
    for column in dict.fromkeys(group.column for group in groups):
        rows = [group for group in groups if group.column == column]
        counts = [used - sum(row.customers for row in rows)]
        for row in rows:
            counts += [
                row.customers, row.offers, row.eligible - row.offers, row.customers - row.eligible, row.eligible,
                row.customers - row.offers,
            ]  # fmt: skip
        if not any(0 < count < least for count in counts):
            kept += rows
    return kept


def _few_reasons(reasons: Sequence[NotTarget], least: int, hidden: int) -> list[NotTarget]:
    """Reasons that hold for few are one, with customers held back where these are hidden; none where all together are few."""
    few = [NotTarget(reason="other", customers=hidden, description="")] if hidden else []
    few += [row for row in reasons if 0 < row.customers < least]
    kept = [row for row in reasons if row.customers >= least]
    while few and kept and sum(row.customers for row in few) < least:
        smallest = min(kept, key=lambda row: row.customers)
        kept.remove(smallest)
        few.append(smallest)
    if not few:
        return kept
    total = sum(row.customers for row in few)
    if total < least:
        return []
    return [*kept, NotTarget(reason="other", customers=total, description="other reasons, together")]


def _without_ids(facts: Facts, readings: Readings) -> Facts:
    """The last look: sentences that name a customer go, and whatever else does is refused."""
    ids = Ids(readings.audit.customers["customer_id"])
    quality, method = facts.quality, facts.method
    clean = facts.model_copy(
        update={
            "quality": quality.model_copy(
                update={"findings": [f for f in quality.findings if ids.found_in(f.description) is None]}
            ),
            "method": method.model_copy(
                update={
                    "settings": {
                        name: text
                        for name, text in method.settings.items()
                        # Where the utility keeps its record is nobody else's business.
                        if name != "privacy.releases" and ids.found_in(text) is None
                    }
                }
            )
            if method
            else None,
        }
    )
    if ids.found_within(clean.model_dump(mode="json")) is not None:
        raise UsageError(
            "--audience external: a text of the report names a customer; take ids out of --period, of titles in the catalogue and of notes in "
            "the costs and tariff files."
        )
    return clean
