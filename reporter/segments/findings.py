"""What a reader must know about the segments; where they were made by class, of each class in one sentence."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reporter.findings import Finding, Severity
from reporter.segments.effect import Effect
from reporter.segments.model import CandidateK, Choice
from reporter.settings import SegmentSettings
from reporter.words import listed, percent


@dataclass(frozen=True)
class Verdict:
    """The choice of K, of all customers or of a class."""

    name: str | None
    """Of the class; None where segments were not made by class."""
    choice: Choice
    apart: Effect | None
    """How far the segments are apart, or would be."""

    @property
    def alone(self) -> bool:
        """Whether there is no structure to act on."""
        return self.choice.k == 1 and self.choice.chosen_by != "user"

    @property
    def chosen(self) -> CandidateK | None:
        """The K that was chosen, as tried; None where it was not."""
        return None if self.alone else next((c for c in self.choice.candidates if c.k == self.choice.k), None)


def findings(verdicts: Sequence[Verdict], options: SegmentSettings) -> list[Finding]:
    """Findings about structure, usefulness and stability.

    Args:
        verdicts: one, or one a class.
        options: what counts as clear, useful and stable.
    """
    alone = [verdict for verdict in verdicts if verdict.alone]
    found = [_no_structure(alone, every=len(alone) == len(verdicts))] if alone else []
    tried = [(verdict.name, verdict.chosen) for verdict in verdicts if verdict.chosen is not None]
    for about in _SHORTFALLS:
        short = [
            (name, value)
            for name, candidate in tried
            if (value := getattr(candidate, about.mark)) is not None and value < getattr(options, about.least)
        ]
        if short:
            each = _each(short, percent if about.mark == "usefulness" else "{:.2f}".format)
            said = about.sentence.format(each=each, least=getattr(options, about.least))
            found.append(
                Finding(
                    name=about.name, severity=about.severity, description=said, data=_data(about.mark, short)
                )
            )
    return found


@dataclass(frozen=True)
class _Shortfall:
    """A mark of the chosen segments below what the settings ask for, and what that means."""

    name: str
    severity: Severity
    mark: str
    """Of ``CandidateK``."""
    least: str
    """Setting that it must reach."""
    sentence: str


_SHORTFALLS = (
    _Shortfall(
        "continuum",
        "info",
        "silhouette",
        "clear_silhouette",
        "Customers' load shapes run into one another (mean silhouette {each}); the segments are useful cuts "
        "through a continuum, not natural kinds, and customers near a border could be in either.",
    ),
    _Shortfall(
        "weak-segments",
        "warning",
        "usefulness",
        "min_usefulness",
        "On days not used to form them the segments explain only {each} of how customers differ in "
        "evening share; choose customers by their own load, not by segment.",
    ),
    _Shortfall(
        "unstable-segments",
        "warning",
        "stability",
        "min_stability",
        "Another sample of the same customers would draw the segments differently (median agreement {each}, where 1 is "
        "the same and {least:g} is the least that is called stable); do not read small differences between them.",
    ),
)


def _no_structure(alone: Sequence[Verdict], *, every: bool) -> Finding:
    if not every:
        names = listed(str(verdict.name) for verdict in alone)
        return Finding(
            name="no-structure-in-class",
            severity="info",
            description=f"Within {names} load shapes differ too little to act on, so there {'is' if len(alone) == 1 else 'is in each'} one segment: the same "
            "offer suits everybody there, and only size tells whom to ask first.",
            data={str(v.name): _rounded(v.apart) for v in alone},
        )
    apart = [(verdict.name, verdict.apart) for verdict in alone if verdict.apart is not None]
    if not apart:
        description = "The customers' load shapes do not differ, so there are no segments to tell apart."
    else:
        between = _each([(name, one.evening_between) for name, one in apart], "{:.2f}".format)
        within = _each([(name, one.evening_within) for name, one in apart], "{:.2f}".format)
        description = (
            "The customers' load shapes differ too little to act on: groups made from them would be "
            f"{between} of the mean load apart in the evening, members of one group {within}. "
            f"So there is one segment{' in each class' if len(alone) > 1 else ''}, the same offer suits everybody, and only size tells whom to ask first."
        )
    single = alone[0].apart if len(alone) == 1 else None
    data = _rounded(single) if len(alone) == 1 else {str(v.name): _rounded(v.apart) for v in alone}
    return Finding(name="no-structure", severity="warning", description=description, data=data)


def _rounded(apart: Effect | None) -> dict[str, Any]:
    return {name: round(value, 4) for name, value in asdict(apart).items()} if apart is not None else {}


def _each(values: Sequence[tuple[str | None, float]], written: Any) -> str:
    """The number, or one a class with the name of it."""
    return listed(
        written(value) if name is None else f"{written(value)} for {name}" for name, value in values
    )


def _data(what: str, values: Sequence[tuple[str | None, float]]) -> dict[str, Any]:
    if len(values) == 1 and values[0][0] is None:
        return {what: round(values[0][1], 4)}
    return {what: {str(name): round(value, 4) for name, value in values}}
