"""What a reader of a comparison must know: findings."""

from collections.abc import Iterator, Sequence

from reporter.compare.pair import Pair, season
from reporter.compare.weather import weather_notes
from reporter.facts import Emerging, Facts, Migration
from reporter.findings import Finding
from reporter.settings import CompareSettings
from reporter.words import counted, listed, percent

_FEW_COMMON = 0.5


def notes(
    pair: Pair, migration: Migration, emerging: Sequence[Emerging], options: CompareSettings
) -> list[Finding]:
    """Findings in the order in which a reader meets what they bear on."""
    old, new = pair.old.facts, pair.new.facts
    return [
        *_who(old, new, migration),
        *_when(old, new),
        *_how(pair),
        *_classes(pair),
        *weather_notes(pair, options),
        *_change(migration, options),
        *_new(pair, emerging),
    ]


def _who(old: Facts, new: Facts, migration: Migration) -> Iterator[Finding]:
    fewer = min(old.quality.customers_used, new.quality.customers_used)
    if not migration.customers:
        yield Finding(
            name="no-common-customers",
            severity="serious",
            description="No customer id is in both runs, so nobody's move can be followed, only how the shares of the segments changed; ids may "
            "have been renumbered: give the old and new ids with --id-map.",
        )
    elif migration.customers < _FEW_COMMON * fewer:
        yield Finding(
            name="few-common-customers",
            severity="warning",
            description=f"Only {counted(migration.customers, 'customer')} of {fewer:,} are in both runs; where ids were renumbered, give the old and new "
            "ids with --id-map, else read the moves as those of a part.",
            data={"customers": migration.customers},
        )
    if migration.left_out_now or migration.left_out_before:
        yield Finding(
            name="left-out-in-one",
            severity="info",
            description=f"{counted(migration.left_out_now, 'customer')} of {old.period.label} could not be used in {new.period.label}, and "
            f"{migration.left_out_before:,} the other way round; they count as departed and arrived, not as moved.",
        )


def _when(old: Facts, new: Facts) -> Iterator[Finding]:
    if season(old.period) != season(new.period):
        yield Finding(
            name="season-differs",
            severity="warning",
            description=f"{old.period.label} and {new.period.label} lie in different seasons; what changed may be the season, "
            "and only the same season of another year would tell the rest. New electric heating is not looked for: a summer shows none.",
        )
    if old.period.end >= new.period.start and old.period != new.period:
        yield Finding(
            name="periods-overlap",
            severity="warning",
            description=f"{old.period.label} and {new.period.label} share days, so change between them looks smaller than it is.",
        )


def _classes(pair: Pair) -> Iterator[Finding]:
    old, new = (run.segmentation.within for run in (pair.old, pair.new))
    labels = [run.facts.period.label for run in (pair.old, pair.new)]
    columns = [within.column if within else None for within in (old, new)]
    if columns[0] != columns[1]:
        made = [f"within {column}" if column else "over all customers" for column in columns]
        yield Finding(
            name="classes-differ",
            severity="warning",
            description=f"The segments of {labels[0]} were made {made[0]} and those of {labels[1]} {made[1]}, so none of them are the same; who moved is told by "
            f"those of {labels[0]}, each customer in the class that it had"
            + (", newcomers in the nearest segment of any class." if old else "."),
        )
    elif pair.class_changed:
        yield Finding(
            name="class-changed",
            severity="info",
            description=f"{counted(pair.class_changed, 'customer')} of both runs {'is' if pair.class_changed == 1 else 'are'} in another class of {columns[0]} now; moves "
            f"are told within the class of {labels[0]}, so that they are changes of load and not of class.",
            data={"customers": pair.class_changed},
        )


def _how(pair: Pair) -> Iterator[Finding]:
    old, new = pair.old.facts, pair.new.facts
    if old.quality.interval_minutes != new.quality.interval_minutes:
        minutes = [listed(map(str, run.quality.interval_minutes)) for run in (old, new)]
        yield Finding(
            name="interval-differs",
            severity="warning",
            description=f"Readings were every {minutes[0]} minutes and are every {minutes[1]} now; profiles by hour compare all the same, highest "
            "loads and load factors do not, and a car or a water heater shows in one kind of reading that the other hides: check new ones before you count them.",
        )
    if old.targets.peak_hours.source != new.targets.peak_hours.source:
        yield Finding(
            name="peak-source-differs",
            severity="warning",
            description="One run takes the peak hours from the system's load and the other from the supplied meters; loads at the peak do not compare.",
        )
    then, now = (
        {
            name: value
            for name, value in (run.method.settings if run.method else {}).items()
            if name.startswith("peak.")
        }
        for run in (old, new)
    )
    if then != now:
        yield Finding(
            name="peak-settings-differ",
            severity="warning",
            description=f"The runs look at other peak hours ({_told(then)} then, {_told(now)} now); loads at the peak do not compare.",
        )
    if len(old.segments) != len(new.segments):
        yield Finding(
            name="k-differs",
            severity="info",
            description=f"{old.period.label} has {counted(len(old.segments), 'segment')} and {new.period.label} {len(new.segments):,}: a segment that corresponds to one of "
            "then may hold other customers, so that its share and loads can change though nobody did; who moved is told by the older segments for both.",
        )
    if old.method and new.method and old.method.normalise != new.method.normalise:
        yield Finding(
            name="normalise-differs",
            severity="info",
            description=f"Shapes were made by {old.method.normalise} and are by {new.method.normalise} now; moves are told by the older way for both periods.",
        )


def _change(migration: Migration, options: CompareSettings) -> Iterator[Finding]:
    if migration.noise_floor is None and migration.customers:
        yield Finding(
            name="noise-floor-unknown",
            severity="warning",
            description=f"There are too few days to say how much of the moves of {counted(migration.customers, 'customer')} is noise.",
        )
    index = migration.stability_index
    if index is not None and index >= options.stability_small:
        large = index >= options.stability_large
        yield Finding(
            name="share-drift",
            severity="warning" if large else "info",
            description=f"The shares of the segments changed {'much' if large else 'somewhat'} (population stability index {index:.2f}; above "
            f"{options.stability_small:g} is some change, above {options.stability_large:g} much)"
            + ("; make the segments new before you act on the old ones." if large else "."),
            data={"stability_index": round(index, 4)},
        )
    for net in migration.net:
        if net.beyond_noise and abs(net.change) >= options.notable_share:
            yield Finding(
                name="segment-share-changed",
                severity="info",
                description=f"“{net.title}” {'grew' if net.change > 0 else 'shrank'} by {percent(abs(net.change))} of all customers of both periods "
                f"({percent(min(abs(net.low), abs(net.high)))} to {percent(max(abs(net.low), abs(net.high)))}), more than chance gives.",
                data={"segment_id": net.segment_id, "change": round(net.change, 4)},
            )


def _new(pair: Pair, emerging: Sequence[Emerging]) -> Iterator[Finding]:
    for found in emerging:
        yield Finding(
            name=f"emerging-{found.kind}",
            severity="info",
            description=found.description,
            data={"customers": found.customers},
        )
    if pair.people["old_ev_probability"].isna().all() or pair.people["new_ev_probability"].isna().all():
        yield Finding(
            name="no-signatures",
            severity="info",
            description="A run has no signs of technology, so new electric cars, solar panels and electric heating can't be told.",
        )


def _told(settings: dict[str, str]) -> str:
    return listed(f"{name} {value}" for name, value in settings.items()) if settings else "the usual ones"
