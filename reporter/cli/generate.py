"""``generate``, ``demo`` and ``render``: readings → a run folder with its report."""

import contextlib
import json
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from reporter.cli.app import (
    ANALYSIS,
    FIRST,
    MORE,
    OUTPUT,
    PROGRAM,
    READINGS,
    RUNNING,
    TIME,
    AuditMode,
    ChannelColumn,
    Channels,
    Config,
    CustomerColumn,
    DateOrder,
    Decimal,
    Encoding,
    End,
    EngineOption,
    Force,
    Quiet,
    SourceTimezone,
    Stamps,
    Start,
    TimestampColumn,
    Timezone,
    UnitOption,
    ValueColumn,
    Verbose,
    app,
    form_flags,
    readings_flags,
)
from reporter.cli.progress import progress
from reporter.errors import UsageError
from reporter.words import without_secrets

if TYPE_CHECKING:
    from reporter.beside import Beside
    from reporter.inputs import Inputs
    from reporter.settings import Resolved

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

Out = Annotated[Path, typer.Option("--out", "-o", help="Run folder to write.", rich_help_panel=OUTPUT)]
Formats = Annotated[
    str | None,
    typer.Option(help="Files to make for people: html, pdf, summary, xlsx.", rich_help_panel=OUTPUT),
]
Paper = Annotated[
    Literal["a4", "letter"] | None, typer.Option(help="Paper size of the PDF.", rich_help_panel=OUTPUT)
]
Templates = Annotated[Path | None, typer.Option(help="Folder of your own templates.", rich_help_panel=OUTPUT)]
Organisation = Annotated[str | None, typer.Option(help="Your name on the cover.", rich_help_panel=OUTPUT)]
Locale = Annotated[
    str | None,
    typer.Option(help="How numbers and dates are written, such as en-US or de.", rich_help_panel=OUTPUT),
]
Theme = Annotated[Path | None, typer.Option(help="Theme file.", rich_help_panel=OUTPUT)]


@app.command(rich_help_panel=FIRST)
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder to write.")] = Path("demo-report"),
    formats: Formats = None,
    force: Force = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make a full report from the sample data that comes with reporter.

    Example: `reporter demo --out demo-report`
    """
    from reporter.inputs import Inputs
    from reporter.resources import sample_folder, sample_run
    from reporter.settings import resolve

    samples = sample_folder()
    # A demo shows the sample as it is, whatever settings lie about.
    resolved = resolve({"output.formats": split_formats(formats)}, samples / "demo.toml", environment={})
    inputs = Inputs(
        readings=[samples / "2026Q3" / "readings.parquet"],
        customers=samples / "customers.csv",
        enrolment=samples / "enrolment.csv",
        system_load=samples / "system_load.csv",
        temperature=samples / "temperature.csv",
        events=samples / "events.csv",
        outages=samples / "outages.csv",
        tariff=samples / "tariff.toml",
        costs=samples / "costs.toml",
        previous=sample_run(),
    )
    _make(inputs, out, resolved, force=force, quiet=quiet, as_json=False, strict=False)


@app.command(rich_help_panel=FIRST)
def generate(
    readings: Annotated[
        list[Path],
        typer.Argument(
            help="Files or folders of interval readings, or tables of --engine.", show_default=False
        ),
    ],
    out: Out,
    customers: Annotated[
        Path | None,
        typer.Option(help="Attributes of customers (customer_id and any columns).", rich_help_panel=READINGS),
    ] = None,
    enrolment: Annotated[
        Path | None,
        typer.Option(help="Past offers (customer_id, program, offered, enrolled).", rich_help_panel=READINGS),
    ] = None,
    system_load: Annotated[
        Path | None,
        typer.Option(help="System load (timestamp, load_mw or load_kw).", rich_help_panel=READINGS),
    ] = None,
    temperature: Annotated[
        Path | None,
        typer.Option(
            help="Outdoor temperature (timestamp, temperature_c or temperature_f).",
            rich_help_panel=READINGS,
        ),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(help="Events that happened (start, end).", rich_help_panel=READINGS),
    ] = None,
    outages: Annotated[
        Path | None,
        typer.Option(help="Power cuts (customer_id, start, end).", rich_help_panel=READINGS),
    ] = None,
    programs: Annotated[
        Path | None, typer.Option(help="Your own catalogue of programs (TOML).", rich_help_panel=READINGS)
    ] = None,
    tariff: Annotated[
        Path | None,
        typer.Option(
            help="What customers pay, and would pay: what it does to bills (TOML).", rich_help_panel=READINGS
        ),
    ] = None,
    costs: Annotated[
        Path | None,
        typer.Option(
            help="Avoided costs and what programs cost you: the cost tests (TOML).", rich_help_panel=READINGS
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(help="Run folder of the quarter before: what changed since.", rich_help_panel=READINGS),
    ] = None,
    id_map: Annotated[
        Path | None,
        typer.Option(
            help="Old and new ids (old_id, new_id), where customers were renumbered.",
            rich_help_panel=READINGS,
        ),
    ] = None,
    customer_column: CustomerColumn = None,
    timestamp_column: TimestampColumn = None,
    value_column: ValueColumn = None,
    unit: UnitOption = None,
    channel_column: ChannelColumn = None,
    channels: Channels = None,
    date_order: DateOrder = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    timezone: Timezone = None,
    source_timezone: SourceTimezone = None,
    stamps: Stamps = None,
    start: Start = None,
    end: End = None,
    period: Annotated[
        str | None, typer.Option(help="Label of the period, such as 2026Q3.", rich_help_panel=TIME)
    ] = None,
    peak_season: Annotated[
        str | None,
        typer.Option(help="Months that you plan for, such as jun-sep or 12-2.", rich_help_panel=TIME),
    ] = None,
    peak_hours: Annotated[
        str | None,
        typer.Option(help="Hours of the day that you plan for, such as 16-21.", rich_help_panel=TIME),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("--k", help="Number of segments (default: chosen).", rich_help_panel=ANALYSIS),
    ] = None,
    k_range: Annotated[
        str | None, typer.Option(help="Numbers of segments to try, such as 2-10.", rich_help_panel=ANALYSIS)
    ] = None,
    shape: Annotated[
        Literal["daily", "weekly", "seasonal"] | None,
        typer.Option(
            help="What customers are compared by: the mean day, weekday and weekend, or these by season.",
            rich_help_panel=ANALYSIS,
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            help="Use only customers for whom this holds, such as \"rate_class == 'RES-1'\" (needs --customers).",
            rich_help_panel=ANALYSIS,
        ),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Segment each class of customers by itself, such as rate_class or dwelling (needs --customers).",
            rich_help_panel=ANALYSIS,
        ),
    ] = None,
    method: Annotated[
        Literal["kmeans", "hierarchical", "dtw", "dictionary"] | None,
        typer.Option(help="How customers are grouped.", rich_help_panel=ANALYSIS),
    ] = None,
    normalise: Annotated[
        Literal["l2", "l1", "minmax", "zscore", "cumulative"] | None,
        typer.Option(help="How a profile is made a shape.", rich_help_panel=ANALYSIS),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of every random choice.", rich_help_panel=ANALYSIS)
    ] = None,
    goal_kw: Annotated[
        float | None, typer.Option(help="Load reduction wanted at the peak [kW].", rich_help_panel=PROGRAM)
    ] = None,
    goal_probability: Annotated[
        float | None,
        typer.Option(
            help="Probability of the goal at which the list ends, such as 0.8.", rich_help_panel=PROGRAM
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="Most to spend, in the currency of your catalogue.", rich_help_panel=PROGRAM),
    ] = None,
    customers_max: Annotated[
        int | None, typer.Option(help="Most offers to make.", rich_help_panel=PROGRAM)
    ] = None,
    enrolment_rate: Annotated[
        float | None,
        typer.Option(help="Share of offers accepted, from your own experience.", rich_help_panel=PROGRAM),
    ] = None,
    formats: Formats = None,
    paper: Paper = None,
    templates: Templates = None,
    theme: Theme = None,
    locale: Locale = None,
    organisation: Organisation = None,
    audience: Annotated[
        Literal["internal", "external"] | None,
        typer.Option(
            help="external: a report for others, by the aggregation rule, without any customer's id or curve.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    force: Force = False,
    engine: EngineOption = None,
    memory: Annotated[
        str | None, typer.Option(help="Memory limit of the engine, such as 4GB.", rich_help_panel=RUNNING)
    ] = None,
    audit: AuditMode = None,
    config: Config = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where there are warnings.", rich_help_panel=RUNNING)
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Audit the readings, say what would be done, write nothing.",
            rich_help_panel=RUNNING,
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print the result as JSON on stdout, and progress as JSON lines on stderr.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make the report: read, audit, segment, target and render.

    Example: `reporter generate readings/ --customers customers.csv --timezone America/New_York --out reports/2026Q3`
    """
    from reporter.inputs import Inputs
    from reporter.settings import resolve

    resolved = resolve(
        {
            **form_flags(channel_column, channels, date_order, decimal, encoding),
            **readings_flags(
                customer_column,
                timestamp_column,
                value_column,
                unit,
                timezone,
                source_timezone,
                stamps,
                start,
                end,
            ),
            "readings.period": period,
            "peak.season": _months(peak_season),
            "peak.window": _range(peak_hours, "--peak-hours", 0, 24),
            "segments.k": k,
            **_k_range(k_range),
            "segments.shape": shape,
            "segments.method": method,
            "segments.where": where,
            "segments.within": within,
            "segments.normalise": normalise,
            "seed": seed,
            "targets.goal_kw": goal_kw,
            "targets.goal_probability": goal_probability,
            "targets.budget": budget,
            "targets.customers_max": customers_max,
            "targets.enrolment_rate": enrolment_rate,
            "output.formats": split_formats(formats),
            "output.paper": paper,
            "output.templates": templates,
            "output.theme": theme,
            "output.locale": locale,
            "output.organisation": organisation,
            "output.audience": audience,
            "running.engine": engine,
            "running.memory": memory,
            "audit.mode": audit,
        },
        config,
    )
    inputs = Inputs(
        readings=readings,
        customers=customers,
        enrolment=enrolment,
        system_load=system_load,
        temperature=temperature,
        events=events,
        outages=outages,
        programs=programs,
        tariff=tariff,
        costs=costs,
        previous=previous,
        id_map=id_map,
    )
    if dry_run:
        from reporter.cli.inspect import show
        from reporter.pipeline import inspect

        show(inspect(readings, resolved.settings), as_json=as_json)
        return
    _make(inputs, out, resolved, force=force, quiet=quiet, as_json=as_json, strict=strict)


@app.command(rich_help_panel=MORE)
def render(
    run: Annotated[Path, typer.Argument(help="Run folder.", show_default=False)],
    formats: Formats = None,
    paper: Paper = None,
    templates: Templates = None,
    theme: Theme = None,
    locale: Locale = None,
    organisation: Organisation = None,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Render a run again, with other templates or another theme, without new analysis.

    Example: `reporter render reports/2026Q3 --templates my-templates --paper letter`
    """
    from reporter.pipeline import render as render_again
    from reporter.settings import resolve

    flags = {
        "output.formats": split_formats(formats),
        "output.paper": paper,
        "output.templates": templates,
        "output.theme": theme,
        "output.locale": locale,
        "output.organisation": organisation,
    }
    missing = render_again(run, resolve(flags, config), progress(quiet))
    finish(run, missing)


def _make(
    inputs: "Inputs",
    out: Path,
    resolved: "Resolved",
    *,
    force: bool,
    quiet: bool,
    as_json: bool,
    strict: bool,
) -> None:
    command = without_secrets(shlex.join(["reporter", *sys.argv[1:]]))
    telling = progress(quiet, as_json=as_json)
    with _second_process(resolved.settings.running.threads) as second:
        from reporter.pipeline import generate as make
        from reporter.run import read_facts

        missing = make(inputs, out, resolved, force=force, command=command, progress=telling, second=second)
    facts = read_facts(out)
    if as_json:
        result = {
            "event": "done",
            "run": str(out),
            "missing": missing,
            **facts.model_dump(mode="json", include={"period", "quality"}),
        }
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    elif not quiet:
        for segment in facts.segments:
            sys.stderr.write(
                f"  {segment.segment_id}  {segment.title}: {segment.customers:,} ({segment.share:.0%})\n"
            )
    finish(out, missing, say=not as_json)
    if strict and any(finding.severity != "info" for finding in facts.quality.findings):
        raise typer.Exit(1)


def _second_process(threads: int | None) -> "contextlib.AbstractContextManager[Beside | None]":
    """The process that draws half of the figures; none where there is one core for us."""
    from reporter.beside import Beside
    from reporter.threads import cores, how_many

    # First of all: while one core imports what the analysis takes, the other imports what drawing takes.
    return (
        contextlib.nullcontext() if min(how_many(threads), cores()) < 2 else Beside("reporter.report.drawing")
    )


def finish(out: Path, missing: list[str], *, say: bool = True) -> None:
    """Print the folder; exit with 4 where something could not be rendered."""
    if say:
        sys.stdout.write(f"{out}\n")
    if missing:
        for sentence in missing:
            sys.stderr.write(f"reporter: {sentence}\n")
        raise typer.Exit(4)


def split_formats(text: str | None) -> list[str] | None:
    """``html,pdf`` as a list."""
    return [part.strip() for part in text.split(",") if part.strip()] if text is not None else None


def _k_range(text: str | None) -> dict[str, Any]:
    ends = _range(text, "--k-range", 2, 30)
    return {"segments.k_min": ends[0], "segments.k_max": ends[1]} if ends else {}


def _range(text: str | None, flag: str, least: int, most: int) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)\s*-\s*(\d+)", text.strip())
    if not match or not all(least <= int(end) <= most for end in match.groups()):
        raise UsageError(
            f"{flag}: '{text}' is no range; write two numbers from {least} to {most}, such as {least + 2}-{min(least + 6, most)}."
        )
    return int(match[1]), int(match[2])


def _months(text: str | None) -> list[int] | None:
    """Months of a season: ``jun-sep``, ``12-2`` or ``6,7,8``."""
    if text is None:
        return None
    months: list[int] = []
    for part in text.lower().split(","):
        ends = [_month(word, text) for word in part.split("-")]
        months += [(ends[0] - 1 + step) % 12 + 1 for step in range((ends[-1] - ends[0]) % 12 + 1)]
    return months


def _month(word: str, text: str) -> int:
    word = word.strip()
    if word.isdigit() and 1 <= int(word) <= 12:
        return int(word)
    if word[:3] in _MONTHS:
        return _MONTHS.index(word[:3]) + 1
    raise UsageError(f"--peak-season: '{text}' names no months; write them as jun-sep, 12-2 or 6,7,8.")
