"""The main job, room by room: readings → audit → profiles → segments → targets → facts → report."""

import contextlib
import importlib.metadata
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

import reporter.run as run_folder
from reporter import place
from reporter.beside import Beside
from reporter.errors import MissingFileError, RenderingError, UsageError
from reporter.facts import Facts, InputFile, Method, Period, Quality
from reporter.facts.rounding import rounded
from reporter.inputs import Inputs as Inputs
from reporter.profiles import Profiles
from reporter.segments import Segmentation
from reporter.settings import OutputSettings, Resolved, Settings
from reporter.stages import Clock, Progress, quiet
from reporter.threads import how_many
from reporter.words import listed, without_secrets

if TYPE_CHECKING:
    import pandas as pd

    from reporter.compare import Compared
    from reporter.money import Worth
    from reporter.readings import Readings
    from reporter.targets import Targeting
    from reporter.technology import Technology

_VERSIONED = (
    "reporter",
    "numpy",
    "pandas",
    "scikit-learn",
    "duckdb",
    "ibis-framework",
    "matplotlib",
    "weasyprint",
    "jinja2",
)


def generate(
    inputs: Inputs,
    out: Path,
    resolved: Resolved,
    *,
    force: bool = False,
    command: str = "",
    progress: Progress = quiet,
    second: Beside | None = None,
) -> list[str]:
    """Make a run folder.

    Args:
        inputs: readings and what else is known.
        out: the folder.
        resolved: settings, and where they came from.
        force: replace a run that is there.
        command: as it was typed, for the manifest.
        progress: is told of each stage.
        second: a process beside this one that draws half of the figures.

    Returns:
        What could not be rendered, and why; the folder is complete but for that.

    Raises:
        UsageError: a setting or the place for the run is wrong.
        DataError: the input can't be used.
    """
    _are_there(inputs)
    place.check_out(out, force=force, inputs=[*inputs.readings, *_beside(inputs).values()])
    # The place is ours from here on: that it can't be written, or is another run's, is not said after hours of work.
    threads = resolved.settings.running.threads
    with place.write_whole(out, force=force) as folder, _bounded(threads):
        return _generate(inputs, folder, resolved, command, Clock(progress, _planned(inputs)), second)


def _planned(inputs: Inputs) -> list[str]:
    """The stages of a run."""
    planned = ["readings", "profiles", "technology", "segments", "targets", "facts", "report"]
    if inputs.events is not None or inputs.outages is not None:
        planned.append("event loads")
    if inputs.events is not None:
        planned.append("events")
    return [*planned, "change"] if inputs.previous is not None else planned


@contextlib.contextmanager
def _bounded(threads: int | None) -> Iterator[None]:
    """Let numerical libraries use as many threads as the engine may; those loaded later read the environment."""
    if threads is None:
        yield
        return
    import pyarrow
    from threadpoolctl import threadpool_limits

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))
    before = pyarrow.cpu_count()
    pyarrow.set_cpu_count(threads)
    try:
        with threadpool_limits(threads):
            yield
    finally:
        pyarrow.set_cpu_count(before)


def _generate(
    inputs: Inputs, folder: Path, resolved: Resolved, command: str, clock: Clock, second: Beside | None
) -> list[str]:
    """Fill a run folder; what could not be rendered, and why."""
    # The engine and the clustering take seconds to import; rendering and comparing need neither.
    from reporter.events import read_events, read_outages
    from reporter.events.loads import check_called, load_events
    from reporter.events.measure import measure
    from reporter.facts.build import build_facts
    from reporter.money import read_costs, read_tariff, worth
    from reporter.profiles.build import build_profiles
    from reporter.profiles.days import day_blocks, day_sample
    from reporter.readings import check_temperature, open_engine, read, read_system_load, read_temperature
    from reporter.readings.checks import check
    from reporter.report import check_templates
    from reporter.segments import keep_ids
    from reporter.segments.build import segment
    from reporter.segments.within import segment_within
    from reporter.targets import read_catalogue, read_customers, read_enrolment, target
    from reporter.targets.classes import class_column, classes_of
    from reporter.targets.where import chosen
    from reporter.technology.build import find_technology

    settings = resolved.settings
    started = datetime.now(UTC)
    check_templates(settings.output)
    previous = run_folder.read_run(inputs.previous) if inputs.previous else None
    attributes = read_customers(inputs.customers, settings) if inputs.customers else None
    who = chosen(attributes, settings.segments.where) if settings.segments.where else None
    column = class_column(attributes, settings.segments.within) if settings.segments.within else None
    history = read_enrolment(inputs.enrolment, settings) if inputs.enrolment else None
    system_load = read_system_load(inputs.system_load, settings) if inputs.system_load else None
    temperature = read_temperature(inputs.temperature, settings) if inputs.temperature else None
    catalogue = read_catalogue(inputs.programs, _labels(settings))
    costs = read_costs(inputs.costs, {p.id for p in catalogue.program}) if inputs.costs else None
    tariff = read_tariff(inputs.tariff) if inputs.tariff else None
    if costs is not None:
        catalogue = costs.run_as(catalogue)
    events = read_events(inputs.events, settings) if inputs.events else []
    check_called(events, history, attributes, settings, str(inputs.events))
    outages = read_outages(inputs.outages, settings) if inputs.outages else None

    with open_engine(settings.running) as engine:
        with clock.stage("readings", "Reading and auditing"):
            readings = check(read(inputs.readings, engine, settings, chosen=who), engine, settings)
            # Now, since a file may have more in it at the end.
            files = _input_files(inputs, readings)
            if temperature is not None:
                readings.findings.extend(check_temperature(temperature, readings.calendar))
        with clock.stage("profiles", f"Averaging {readings.audit.readings_read:,} readings to load profiles"):
            profiles = build_profiles(
                readings, engine, settings, system_load, temperature, attributes=attributes
            )
        by_day = temperature.by_day(readings.calendar) if temperature is not None else None
        daily_c = by_day.mean(axis=1).to_numpy() if by_day is not None else None
        loads = None
        if events or outages is not None:
            with clock.stage("event loads", "Reading the days around events"):
                loads = load_events(events, outages, history, attributes, by_day, readings, engine, settings)
        with clock.stage("technology", "Looking at every day for cars, panels and heating"):
            sampled = day_sample(readings, settings.technology.customers, settings.seed)
            days = day_blocks(readings, engine, sampled)
            technology = find_technology(
                days, profiles, daily_c, settings.technology, threads=how_many(settings.running.threads)
            )
    with clock.stage("segments", f"Grouping {len(profiles.customer_id):,} customers by load shape"):
        if attributes is not None and column is not None:
            classes = classes_of(attributes, column, profiles.customer_id)
            segmentation = segment_within(profiles, classes, settings)
        else:
            segmentation = segment(profiles, settings)
        if previous is not None:
            segmentation = keep_ids(
                segmentation, profiles, previous.shapes, settings.compare.same_shape, previous.classes
            )
    with clock.stage("targets", "Finding whom to offer what"):
        dates = [day.date() for day in readings.calendar.dates]
        warmth = dict(zip(dates, daily_c.tolist(), strict=True)) if daily_c is not None else None
        targeting = target(
            profiles, segmentation, attributes, settings, catalogue, history, technology, warmth
        )
    study = None
    if loads is not None and events:
        with clock.stage("events", f"Measuring {len(loads.events):,} events"):
            study, findings = measure(loads, segmentation, settings)
            readings.findings.extend(findings)
    elif loads is not None:
        readings.findings.extend(loads.findings)

    if settings.output.audience == "external":
        return _for_others(
            folder, readings, profiles, technology, segmentation, targeting, attributes,
            _method(profiles, segmentation, resolved, files), settings,
            lambda shown, offers: worth(
                costs, tariff, profiles, shown, offers, None, catalogue, settings, by_moments=True
            ),
            clock,
        )  # fmt: skip
    value = worth(costs, tariff, profiles, segmentation, targeting, attributes, catalogue, settings)

    with clock.stage("facts", "Writing the results"):
        method = _method(profiles, segmentation, resolved, files)
        facts = build_facts(
            readings, profiles, technology, segmentation, targeting, method, settings, study, value
        )
        beside = {}
        if history is not None:
            beside[run_folder.HISTORY] = history.frame
        if outages is not None:
            beside[run_folder.OUTAGES] = outages.frame
        run_folder.write_results(
            folder, facts, readings, profiles, technology, segmentation, targeting, beside, value.each
        )
        run_folder.write_realised(folder, facts)
        run_folder.write_plant(folder, facts)
    if previous is not None:
        with clock.stage("change", f"Comparing with {previous.facts.period.label}"):
            _since(folder, facts, previous, settings, inputs.id_map)
    _answer_questions(folder)
    try:
        missing = _render(folder, settings, clock, second)
    except UsageError as error:
        # A template that goes wrong only now costs its page, not the analysis.
        missing = [f"{error} Then run `reporter render`."]
    manifest = _manifest(command, resolved, files, clock, started, missing)
    run_folder.write_json(folder / place.MANIFEST, manifest)
    return missing


def _for_others(
    folder: Path,
    readings: "Readings",
    profiles: Profiles,
    technology: "Technology",
    segmentation: "Segmentation",
    targeting: "Targeting",
    attributes: "pd.DataFrame | None",
    method: Method,
    settings: Settings,
    value: "Callable[[Segmentation, Targeting], Worth]",
    clock: Clock,
) -> list[str]:
    """A report for readers outside the utility, held against those that were given out; what could not be made."""
    from reporter.facts.build import period_facts
    from reporter.privacy import earlier_reports, external, read_releases, record

    record_at = settings.privacy.releases
    period = period_facts(readings.calendar, settings)
    releases = read_releases(record_at)
    earlier = (
        earlier_reports(releases, profiles.customer_id, period["start"], period["end"]) if record_at else None
    )
    outside = external(
        readings, profiles, technology, segmentation, targeting, attributes, method, settings, value, earlier
    )
    missing = _give_out(folder, outside.facts, settings, clock)
    # The record comes first: a report that is not in it must not be there to give out.
    if record_at:
        record(
            record_at, releases, profiles.customer_id, outside.cells, outside.energy, period["start"], period["end"],
        )  # fmt: skip
    return missing


def _give_out(folder: Path, facts: Facts, settings: Settings, clock: Clock) -> list[str]:
    """The folder of a report for others: facts, report, figures and a manifest that names no file and no setting."""
    from reporter.report import write_report

    run_folder.write_json(folder / run_folder.FACTS, facts.model_dump(mode="json"))
    run_folder.write_plant(folder, facts)
    missing = []
    with clock.stage("report", "Drawing figures and rendering the report for others"):
        try:
            write_report(folder, facts, run_folder.no_profiles(), settings.output)
        except RenderingError as error:
            missing.append(str(error))
    manifest = {
        "made_by": place.MADE_BY,
        "audience": "external",
        "schema_version": facts.schema_version,
        "versions": {name: importlib.metadata.version(name) for name in _VERSIONED},
        "missing": missing,
    }
    run_folder.write_json(folder / place.MANIFEST, manifest)
    return missing


@dataclass(frozen=True)
class Inspection:
    """The audit alone, as the facts of a run have it."""

    quality: Quality
    period: Period
    affected: "pd.DataFrame"
    """customer_id, check, value, unit: the customers that checks found."""


def inspect(paths: list[Path], settings: Settings, progress: Progress = quiet) -> Inspection:
    """The audit alone.

    Raises:
        UsageError: a setting is wrong.
        DataError: the input can't be read.
    """
    from reporter.facts.build import period_facts, quality_facts
    from reporter.readings import open_engine, read
    from reporter.readings.checks import check

    clock = Clock(progress, ["readings"])
    with open_engine(settings.running) as engine, clock.stage("readings", "Reading and auditing"):
        readings = check(read(paths, engine, settings, least=0), engine, settings)
    assert readings.checked is not None
    found = rounded(
        {
            "quality": quality_facts(readings, readings.findings),
            "period": period_facts(readings.calendar, settings),
        }
    )
    return Inspection(
        Quality.model_validate(found["quality"]),
        Period.model_validate(found["period"]),
        readings.checked.affected,
    )


def write_inspection(result: Inspection, path: Path, settings: Settings) -> None:
    """The audit as a page with pictures.

    Raises:
        UsageError: the place can't be written, or the theme is wrong.
    """
    from reporter.report.audit import render_audit

    run_folder.write_text(path, render_audit(result.quality, result.period, settings.output))


def write_affected(result: Inspection, path: Path) -> None:
    """The customers that checks found, as CSV or Parquet.

    Raises:
        UsageError: the place can't be written.
    """
    run_folder.write_affected(path, result.affected)


def render(folder: Path, resolved: Resolved, progress: Progress = quiet) -> list[str]:
    """Render a run folder again, without new analysis: as it was told to, and as the settings given now say.

    Returns:
        What could not be rendered, and why.

    Raises:
        UsageError: no run folder, or a template or the theme is wrong.
        DataError: the run folder is broken.
    """
    from reporter.report import check_templates

    run_folder.read_run(folder)
    manifest = place.read_manifest(folder)
    told = manifest.get("settings", {}).get("output", {})
    given = {
        name.removeprefix("output."): _value(resolved.settings, name)
        for name in resolved.origins
        if name.startswith("output.")
    }
    try:
        output = OutputSettings.model_validate({**told, **given})
    except ValidationError:
        output = resolved.settings.output
    check_templates(output)
    missing = _render(
        folder, resolved.settings.model_copy(update={"output": output}), Clock(progress, ["report"])
    )
    # No old page stands beside a new one.
    for name, file in run_folder.RENDERED.items():
        if name not in output.formats:
            (folder / file).unlink(missing_ok=True)
    manifest["missing"] = missing
    run_folder.write_json(folder / place.MANIFEST, manifest)
    return missing


def compare_runs(
    runs: list[Path],
    out: Path,
    settings: Settings,
    *,
    id_map: Path | None = None,
    force: bool = False,
    command: str = "",
    progress: Progress = quiet,
) -> list[str]:
    """Compare two runs or more, oldest first, into a folder. Returns what could not be rendered, and why.

    Raises:
        UsageError: fewer than two runs, in the wrong order, or of different time zones.
        DataError: a run folder or the map of ids is broken.
    """
    from reporter.compare import compare
    from reporter.report.comparison import render_comparison

    clock = Clock(progress, ["comparison", "report"])
    started = datetime.now(UTC)
    place.check_out(out, force=force)
    if id_map is not None and not id_map.exists():
        raise MissingFileError(id_map, "--id-map")
    read = [run_folder.read_run(path) for path in runs]
    with clock.stage("comparison", f"Comparing {listed(run.facts.period.label for run in read)}"):
        compared = compare(read, settings, id_map)
    missing = []
    with place.write_whole(out, force=force) as folder:
        run_folder.write_json(folder / run_folder.COMPARISON, compared.comparison.model_dump(mode="json"))
        _write_moves(folder, compared)
        with clock.stage("report", "Rendering"):
            try:
                render_comparison(folder, compared.comparison, settings.output)
            except RenderingError as error:
                missing.append(str(error))
        run_folder.write_json(
            folder / place.MANIFEST,
            {
                "made_by": place.MADE_BY,
                "command": command,
                "started": started.isoformat(timespec="seconds"),
                "finished": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": clock.seconds,
                "runs": [str(path) for path in runs],
                "missing": missing,
            },
        )
    return missing


def _write_moves(folder: Path, compared: "Compared") -> None:
    run_folder.write_table(compared.moves, folder / run_folder.MIGRATIONS)
    run_folder.write_list(compared.follow_up, folder / run_folder.EMERGING)


def _since(
    folder: Path, facts: Facts, previous: run_folder.Run, settings: Settings, id_map: Path | None
) -> None:
    """Put what changed since an earlier run into a run folder that is being written."""
    from reporter.compare import compare

    compared = compare([previous, run_folder.read_run(folder)], settings, id_map)
    facts = facts.model_copy(update={"change": compared.comparison})
    run_folder.write_json(folder / run_folder.FACTS, facts.model_dump(mode="json"))
    _write_moves(folder, compared)


def _answer_questions(folder: Path) -> None:
    """Put the standing questions and their answers into a run folder that is being written."""
    from reporter.assistant.standing import narrative, standing
    from reporter.assistant.view import open_run

    view = open_run(folder)
    answers = {"questions": standing(view), "narrative": narrative(view)}
    facts = Facts.model_validate({**view.facts, **answers}, strict=False)
    run_folder.write_json(folder / run_folder.FACTS, facts.model_dump(mode="json"))


def _render(folder: Path, settings: Settings, clock: Clock, second: Beside | None = None) -> list[str]:
    from reporter.report import write_report, write_workbook

    with clock.stage("report", "Drawing figures and rendering the report"):
        try:
            run = run_folder.read_run(folder)
            targets = run.target_list()
            if "xlsx" in settings.output.formats:
                write_workbook(folder / run_folder.WORKBOOK, targets, run.facts)
            write_report(folder, run.facts, run.profiles, settings.output, targets, second)
        except RenderingError as error:
            return [str(error)]
    return []


def _labels(settings: Settings) -> set[str]:
    """Labels that a segment can have."""
    return {settings.labels.otherwise, *(rule.label for rule in settings.labels.rules)}


def _input_files(inputs: Inputs, readings: "Readings") -> list[InputFile]:
    beside = [run_folder.describe_file(path, role) for role, path in _beside(inputs).items()]
    if readings.remote:
        tables = [
            InputFile(name=name.name, role="readings", size_bytes=0, sha256="") for name in readings.files
        ]
        return [*tables, *beside]
    return [*(run_folder.describe_file(path, "readings") for path in readings.files), *beside]


def _beside(inputs: Inputs) -> dict[str, Path]:
    """The optional files that were given, by role."""
    files = {
        "customers": inputs.customers,
        "enrolment": inputs.enrolment,
        "system load": inputs.system_load,
        "temperature": inputs.temperature,
        "events": inputs.events,
        "outages": inputs.outages,
        "programs": inputs.programs,
        "tariff": inputs.tariff,
        "costs": inputs.costs,
    }
    return {role: path for role, path in files.items() if path is not None}


def _are_there(inputs: Inputs) -> None:
    """Refuse an optional file that is not there, by its flag."""
    files = {**_beside(inputs), **({"id map": inputs.id_map} if inputs.id_map else {})}
    for role, path in files.items():
        if not path.exists():
            raise MissingFileError(path, f"--{role.replace(' ', '-')}")


def _written(value: Any) -> str:
    """A setting as people write it: dates and lists as well."""
    return ", ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


def _method(
    profiles: Profiles, segmentation: Segmentation, resolved: Resolved, files: list[InputFile]
) -> Method:
    settings = resolved.settings
    shown = {
        name: _written(_value(settings, name))
        for name in sorted(resolved.origins)
        if not name.startswith(("output.", "running."))
    }
    return Method(
        normalise=segmentation.normalise,
        clustering=settings.segments.method,
        seed=settings.seed,
        starts=settings.segments.starts,
        tree_most=settings.segments.tree_most,
        bootstraps=settings.segments.bootstraps,
        sample=len(segmentation.diagnostics.sample) if segmentation.diagnostics else 0,
        daily_sample=len(profiles.daily.rows),
        settings=shown,
        versions={name: importlib.metadata.version(name) for name in _VERSIONED},
        inputs=files,
    )


def _manifest(
    command: str,
    resolved: Resolved,
    files: list[InputFile],
    clock: Clock,
    started: datetime,
    missing: list[str],
) -> dict[str, Any]:
    return {
        "made_by": place.MADE_BY,
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": clock.seconds,
        "seed": resolved.settings.seed,
        "settings": _told(resolved.settings),
        "origins": resolved.origins,
        "versions": {name: importlib.metadata.version(name) for name in _VERSIONED},
        "inputs": [file.model_dump() for file in files],
        "missing": missing,
    }


def _told(settings: Settings) -> dict[str, Any]:
    """All settings, without the password in the address of an engine."""
    told = settings.model_dump(mode="json")
    told["running"]["engine"] = without_secrets(settings.running.engine)
    return told


def _value(settings: Settings, name: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        value = getattr(value, part)
    return value
