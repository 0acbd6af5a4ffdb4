"""What files say of how good a reading is: counts of each flag, and which readings were not measured."""

from typing import Any

from reporter.findings import Finding
from reporter.readings.engine import Engine
from reporter.readings.vocabulary import ESTIMATED
from reporter.words import counted

_MOST = 40
"""Different texts of a column of flags; with more it holds something else."""


def finding(counts: dict[str, int], estimated: int) -> Finding:
    """The flags with their counts, most frequent first."""
    listed = ", ".join(
        f"{name} {n:,}" for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:8]
    )
    text = f"Readings carry a flag of quality ({listed}{', …' if len(counts) > 8 else ''})"
    if estimated:
        text += f"; {counted(estimated, 'reading')} by that not measured but estimated, and used as they are"
    return Finding(
        name="reading-quality",
        severity="info",
        description=f"{text}.",
        data={"flags": dict(sorted(counts.items())), "estimated": estimated},
    )


def flagged(table: Any, engine: Engine) -> tuple[Any, list[Finding]]:
    """The table with ``estimated`` from its column ``flag``, and the finding; neither where the column is none of flags."""
    found = engine.frame(
        table.group_by("flag").aggregate(n=lambda t: t.count()).order_by("flag").limit(_MOST + 1)
    )
    counts = {
        name: int(n)
        for name, n in zip(found["flag"], found["n"], strict=True)
        if isinstance(name, str) and name
    }
    if not counts or len(found) > _MOST:
        return table, []
    named = {name for name in counts if _estimated(name)}
    estimated = sum(counts[name] for name in named)
    return table.mutate(estimated=table.flag.isin(sorted(named)).fill_null(False)), [
        finding(counts, estimated)
    ]


def _estimated(flag: str) -> bool:
    """Whether a flag says that a reading was not measured; NEM12's come with a number for the method (S14)."""
    text = flag.lower()
    return text in ESTIMATED or (text[:1] in {"e", "f", "s"} and text[1:].isdigit())
