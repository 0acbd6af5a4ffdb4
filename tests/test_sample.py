"""Synthetic readings: the truth is true, and nowhere but in its own files."""

import gzip
import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from reporter.errors import UsageError
from reporter.resources import sample_folder
from reporter.sample import (
    CLASS_SHARES,
    Sample,
    generate_sample,
    write_sample,
    write_sample_pair,
)
from reporter.settings import LabelSettings


@pytest.fixture(scope="module")
def quarter() -> Sample:
    """The size that the known-truth figures are stated for."""
    return generate_sample(2000, date(2026, 7, 1), 92, seed=3)


@pytest.fixture(scope="module")
def small() -> Sample:
    return generate_sample(300, date(2026, 7, 1), 30, seed=5, missing=0.01)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    write_sample_pair(folder)
    return folder


def test_every_class_has_its_share(quarter: Sample) -> None:
    counts = quarter.truth.to_pandas()["shape_class"].value_counts()
    assert {name: counts[name] / 2000 for name in CLASS_SHARES} == pytest.approx(
        dict(CLASS_SHARES), abs=0.001
    )


def test_classes_are_recovered_by_their_shapes(quarter: Sample) -> None:
    profiles, truth = _profiles(quarter)
    whole = (truth["data_fault"] == "none").to_numpy()
    shapes = profiles[whole] / np.linalg.norm(profiles[whole], axis=1, keepdims=True)
    classes = truth["shape_class"][whole]
    silhouettes = {}
    for k in (2, 3, 5, 7, 8, 9):
        found = KMeans(k, n_init=4, random_state=0).fit(shapes).labels_
        silhouettes[k] = silhouette_score(shapes, found, sample_size=1000, random_state=0)
        if k == len(CLASS_SHARES):
            assert adjusted_rand_score(classes, found) >= 0.98
    assert silhouettes[8] >= 0.6
    assert max(silhouettes, key=lambda k: silhouettes[k]) == len(CLASS_SHARES)


def test_class_means_lie_well_inside_the_label_rules(quarter: Sample) -> None:
    rules = LabelSettings()
    flat, sharp = (
        next(r.peak_to_mean[1] for r in rules.rules if r.label == name and r.peak_to_mean)
        for name in ("flat", "mid-peak")
    )
    profiles, truth = _profiles(quarter)
    whole = truth["data_fault"] == "none"
    mean = {
        name: profiles[(whole & (truth["shape_class"] == name)).to_numpy()].mean(axis=0)
        for name in CLASS_SHARES
    }
    ratio = {name: values.max() / values.mean() for name, values in mean.items()}
    peak = {name: int(values.argmax()) for name, values in mean.items()}

    assert ratio["evening-peak"] > sharp + 0.3
    assert flat + 0.1 < ratio["mid-peak"] < sharp - 0.1
    assert ratio["flat"] < flat - 0.2
    assert {peak["evening-peak"], peak["mid-peak"]} == {19}
    assert peak["morning-peak"] in (7, 8)
    assert peak["midday-peak"] in (12, 13)
    assert peak["night-ev"] in (0, 1)
    assert mean["solar"][10:16].min() < 0 < mean["solar"].mean()

    double = mean["double-peak"]
    morning, evening = double[6:10].max(), double[16:23].max()
    assert min(morning, evening) / max(morning, evening) > rules.second_peak + 0.1
    assert double[10:16].min() / min(morning, evening) < rules.valley - 0.3
    for name in ("evening-peak", "morning-peak", "midday-peak", "night-ev"):
        other = mean[name][
            [hour for hour in range(24) if min((hour - peak[name]) % 24, (peak[name] - hour) % 24) > 5]
        ]
        assert other.max() / mean[name].max() < rules.second_peak - 0.1, name


def test_truth_counts_what_is_in_the_rows(small: Sample) -> None:
    rows, truth = small.readings.to_pandas(), small.truth.to_pandas().set_index("customer_id")
    first = rows.drop_duplicates(["customer_id", "timestamp"])
    per_customer = first.groupby("customer_id", observed=True)["kwh"]
    assert (per_customer.size() == truth["readings"]).all()
    assert np.allclose(per_customer.apply(lambda kwh: kwh.clip(lower=0).sum()), truth["import_kwh"])
    assert np.allclose(per_customer.apply(lambda kwh: -kwh.clip(upper=0).sum()), truth["export_kwh"])

    days = (pd.to_datetime(truth["last_day"]) - pd.to_datetime(truth["first_day"])).dt.days + 1
    assert (truth["readings"] + truth["missing"] == 24 * days).all()

    twice = rows[rows.duplicated(["customer_id", "timestamp"], keep=False)]
    values = twice.groupby(["customer_id", "timestamp"], observed=True)["kwh"]
    assert values.size().eq(2).all()
    assert len(values.size()) == truth["duplicates"].sum() > 50
    assert (values.nunique() == 2).sum() == truth["conflicts"].sum() > 0
    assert len(rows) == truth["readings"].sum() + truth["duplicates"].sum()


def test_rows_are_as_a_head_end_exports_them(small: Sample) -> None:
    rows = small.readings.to_pandas()
    assert rows["timestamp"].is_monotonic_increasing
    assert rows["timestamp"].iloc[0] == pd.Timestamp(2026, 7, 1)
    assert rows["timestamp"].iloc[-1] == pd.Timestamp(2026, 7, 30, 23)
    assert np.allclose(rows["kwh"], rows["kwh"].round(3), atol=1e-12)
    assert not rows["kwh"].isna().any()


def test_faulty_meters_are_as_the_truth_says(quarter: Sample) -> None:
    truth = quarter.truth.to_pandas().set_index("customer_id")
    rows = quarter.readings.to_pandas()
    faults = truth["data_fault"].value_counts()
    assert faults[["short-record", "patchy", "stuck-meter", "zero-meter"]].tolist() == [10, 10, 2, 2]

    dates = rows["timestamp"].dt.normalize()
    days = dates.groupby(rows["customer_id"], observed=True).nunique()
    assert days[truth["data_fault"] == "short-record"].between(2, 6).all()
    assert days[truth["data_fault"] != "short-record"].min() > 60
    coverage = truth["readings"] / (truth["readings"] + truth["missing"])
    assert coverage[truth["data_fault"] == "patchy"].between(0.2, 0.45).all()
    assert coverage[truth["data_fault"] == "none"].min() > 0.8
    assert coverage[truth["data_fault"] == "none"].mean() > 0.98

    spread = rows.groupby("customer_id", observed=True)["kwh"].agg(["min", "max"])
    same = spread["min"] == spread["max"]
    assert same.equals(truth["data_fault"].isin(["stuck-meter", "zero-meter"]).reindex(same.index))


def test_homes_differ_in_size_as_homes_do(quarter: Sample) -> None:
    truth = quarter.truth.to_pandas()
    size = np.log(truth.loc[truth["household"] != "vacant", "home_kw"])
    assert np.exp(size.median()) == pytest.approx(0.45, rel=0.05)
    assert size.std() == pytest.approx(0.5, rel=0.06)


def test_weekends_differ_from_weekdays(quarter: Sample) -> None:
    rows = quarter.readings.to_pandas()
    truth = quarter.truth.to_pandas()
    morning = truth.loc[truth["shape_class"] == "morning-peak", "customer_id"]
    rows = rows[rows["customer_id"].isin(morning)]
    by_hour = rows.groupby([rows["timestamp"].dt.day_of_week >= 5, rows["timestamp"].dt.hour])["kwh"].mean()
    assert by_hour[False].idxmax() == 7
    assert by_hour[True].idxmax() == 8


def test_readings_hold_no_truth(pair: Path) -> None:
    schema = pq.read_schema(pair / "2026Q2" / "readings.parquet")
    assert schema.names == ["customer_id", "timestamp", "kwh"]
    customers = pd.read_csv(pair / "customers.csv")
    assert not {"shape_class", "ev_kw", "solar_kw", "data_fault"} & set(customers.columns)
    text = (pair / "customers.csv").read_text()
    assert not any(name in text for name in CLASS_SHARES)


def test_ids_and_their_order_hold_no_truth(quarter: Sample) -> None:
    truth = quarter.truth.to_pandas()
    assert truth["customer_id"].is_monotonic_increasing
    code = truth["shape_class"].astype("category").cat.codes.to_numpy()
    number = truth["customer_id"].str[1:].astype(int).to_numpy()
    assert abs(np.corrcoef(code, number)[0, 1]) < 0.06
    same_as_neighbour = (code[1:] == code[:-1]).mean()
    assert same_as_neighbour == pytest.approx(sum(share**2 for share in CLASS_SHARES.values()), abs=0.03)


@pytest.mark.parametrize("minutes", [15, 30])
def test_shorter_intervals_carry_the_same_energy(minutes: int) -> None:
    hourly = generate_sample(200, date(2026, 7, 1), 14, seed=1)
    finer = generate_sample(200, date(2026, 7, 1), 14, seed=1, interval_minutes=minutes)
    steps = np.unique(np.diff(np.unique(finer.readings["timestamp"].to_numpy())))
    assert steps == np.timedelta64(minutes, "m")
    truth = [sample.truth.to_pandas() for sample in (hourly, finer)]
    assert truth[0]["shape_class"].equals(truth[1]["shape_class"])
    energy = [frame["import_kwh"].sum() for frame in truth]
    assert energy[1] == pytest.approx(energy[0], rel=0.05)


def test_chargers_show_their_power_in_short_intervals() -> None:
    sample = generate_sample(60, date(2026, 7, 1), 14, seed=1, interval_minutes=15, shares={"night-ev": 1.0})
    rows = sample.readings.to_pandas()
    night = rows[rows["timestamp"].dt.hour == 1]
    top = 4 * night.groupby("customer_id", observed=True)["kwh"].max()
    truth = sample.truth.to_pandas().set_index("customer_id")
    assert truth["ev_kw"].between(3, 11).all()
    assert (top >= truth["ev_kw"]).all()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv", ".csv.gz"):
        hashes = set()
        for again in ("one", "two"):
            out = tmp_path / (again + suffix) / f"june{suffix}"
            write_sample(out, 120, 5, seed=9)
            hashes.add(_hash(out.parent))
        assert len(hashes) == 1
    write_sample(tmp_path / "three" / "june.parquet", 120, 5, seed=10)
    assert _hash(tmp_path / "three") not in hashes


def test_formats_hold_the_same_rows(tmp_path: Path) -> None:
    files = write_sample(tmp_path / "a.parquet", 50, 3, seed=2)
    write_sample(tmp_path / "b.csv", 50, 3, seed=2)
    write_sample(tmp_path / "c.csv.gz", 50, 3, seed=2)
    assert files.customers == tmp_path / "a.customers.csv"
    assert files.truth == (tmp_path / "truth" / "a.csv",)
    parquet = pd.read_parquet(tmp_path / "a.parquet")
    assert len(parquet) == files.rows
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 1
    text = pd.read_csv(tmp_path / "b.csv", parse_dates=["timestamp"])
    assert (parquet["customer_id"] == text["customer_id"]).all()
    assert (parquet["timestamp"] == text["timestamp"]).all()
    assert (parquet["kwh"] == text["kwh"]).all()
    assert gzip.decompress((tmp_path / "c.csv.gz").read_bytes()) == (tmp_path / "b.csv").read_bytes()
    in_memory = generate_sample(50, days=3, seed=2).readings.to_pandas()
    assert (in_memory["kwh"] == parquet["kwh"]).all()


def test_pair_has_a_known_share_of_changes_and_moves(pair: Path) -> None:
    old, new = (_truth(pair, label) for label in ("2026Q2", "2026Q3"))
    assert len(old.index.difference(new.index)) == 7
    assert len(new.index.difference(old.index)) == 7
    both = old.join(new.add_suffix("_new"), how="inner")
    assert (both["change"] == "none").all()
    counts = both["change_new"].value_counts().to_dict()
    counts.pop("none")
    assert counts == {"ev": 8, "solar": 6, "vacant": 1, "electric-heat": 1, "habits": 1}
    changed = both[both["shape_class"] != both["shape_class_new"]]
    assert set(changed["change_new"]) == {"ev", "solar", "vacant", "habits"}
    assert (both.loc[both["change_new"] == "ev", "shape_class_new"] == "night-ev").all()
    assert (both.loc[both["change_new"] == "solar", "shape_class_new"] == "solar").all()
    vacant = both["change_new"] == "vacant"
    assert (both.loc[vacant, "household_new"] == "vacant").all()
    assert (both.loc[~vacant, "home_kw"] == both.loc[~vacant, "home_kw_new"]).all()
    heated = both["change_new"] == "electric-heat"
    newly = (both["heating_kw_per_c"] == 0) & (both["heating_kw_per_c_new"] > 0)
    assert newly.equals(heated)
    customers = pd.read_csv(pair / "customers.csv")
    assert set(customers["customer_id"]) == set(old.index) | set(new.index)
    assert len(customers) == 240
    in_readings = pq.read_table(pair / "2026Q3" / "readings.parquet", columns=["customer_id"])
    assert set(in_readings["customer_id"].unique().to_pylist()) == set(new.index)


def test_pair_without_changes_has_none(tmp_path: Path) -> None:
    write_sample_pair(tmp_path, 60, changes=0, movers=0)
    old, new = (_truth(tmp_path, label) for label in ("2026Q2", "2026Q3"))
    assert (new["change"] == "none").all()
    traits = [
        "shape_class",
        "household",
        "home_kw",
        "ev_kw",
        "solar_kw",
        "cooling_kw_per_c",
        "heating_kw_per_c",
    ]
    pd.testing.assert_frame_equal(old[traits], new[traits])


def test_attributes_are_plausible(pair: Path) -> None:
    customers = pd.read_csv(pair / "customers.csv")
    flags = ["electric_heating", "life_support", "medical_baseline", "enrolled", "opted_out"]
    assert customers[flags].dtypes.eq(bool).all()
    truth, history = _truth(pair, "2026Q2"), pd.read_csv(pair / "enrolment.csv")
    heated = customers.set_index("customer_id").loc[truth.index, "electric_heating"]
    assert heated.equals((truth["heating_kw_per_c"] > 0).rename("electric_heating"))
    assert customers[["life_support", "medical_baseline", "holdout"]].sum().tolist() == [2, 7, 24]
    assert customers["opted_out"].sum() == history["opted_out"].sum() > 0
    assert customers["enrolled"].sum() == (history["enrolled"] & ~history["opted_out"]).sum() > 20
    assert customers["area"].nunique() == 8
    assert set(customers["rate_class"]) == {"residential", "residential-tou", "small-business"}


def test_shipped_files_are_what_the_function_gives(pair: Path) -> None:
    shipped = sample_folder()
    for name in ("2026Q2/readings.parquet", "2026Q3/readings.parquet"):
        made, given = pd.read_parquet(pair / name), pd.read_parquet(shipped / name)
        assert made[["customer_id", "timestamp"]].equals(given[["customer_id", "timestamp"]])
        # Another processor may round the last digit otherwise.
        assert np.allclose(made["kwh"], given["kwh"], atol=0.0021)
    tables = [path.relative_to(pair) for path in pair.rglob("*.csv")]
    assert len(tables) == 9
    for table in tables:
        made, given = pd.read_csv(pair / table), pd.read_csv(shipped / table)
        pd.testing.assert_frame_equal(made, given, rtol=1e-4, atol=0.1)
    assert sum(path.stat().st_size for path in shipped.rglob("*") if path.is_file()) < 4_000_000
    told = (shipped / "README.md").read_text(encoding="utf-8")
    assert all(f"`{table.name}`" in told or f"`{table}`" in told for table in tables)
    assert all(f"`{column}`" in told for table in tables for column in pd.read_csv(pair / table).columns)


def test_pair_gives_the_same_bytes_again(tmp_path: Path) -> None:
    for again in ("one", "two"):
        write_sample_pair(tmp_path / again, 30, suffix=".csv")
    assert _hash(tmp_path / "one") == _hash(tmp_path / "two")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"out": Path("readings.xlsx")}, "choose one by the suffix"),
        ({"customers": 0}, "1 to 10000000 customers, not 0"),
        ({"days": 0}, "1 to 3660 days"),
        ({"interval_minutes": 5}, "use 60, 30 or 15"),
        ({"seed": -1}, "0 or more"),
        ({"noise": 2.0}, "from 0 to 1"),
        ({"missing": 1.0}, "from 0 to 0.9"),
        ({"shares": {"evening": 1.0}}, "no load-shape class evening"),
        ({"shares": {}}, "Shares of the classes"),
    ],
)
def test_wrong_arguments_are_refused_in_a_sentence(
    arguments: Mapping[str, object], sentence: str, tmp_path: Path
) -> None:
    out = tmp_path / str(arguments.get("out", "out.csv"))
    options = {
        "customers": 10,
        "days": 2,
        **{name: value for name, value in arguments.items() if name != "out"},
    }
    with pytest.raises(UsageError, match=sentence):
        write_sample(out, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_wrong_pairs_are_refused(tmp_path: Path) -> None:
    for options in ({"start": date(2026, 5, 1)}, {"changes": 0.9}, {"suffix": ".txt"}):
        with pytest.raises(UsageError):
            write_sample_pair(tmp_path, 10, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_unasked_or_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "june.csv"
    out.write_text("mine\n")
    with pytest.raises(UsageError, match="there already"):
        write_sample(out, 10, 2)
    assert out.read_text() == "mine\n"

    def fail(*_: object, **__: object) -> pa.Table:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reporter.sample.write.day_table", fail)
    with pytest.raises(UsageError, match="No space left on device"):
        write_sample(out, 10, 2, overwrite=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [out]
    assert out.read_text() == "mine\n"


@pytest.mark.parametrize("customers", [1, 3, 25])
def test_very_small_samples_work(customers: int) -> None:
    sample = generate_sample(customers, days=1)
    assert len(sample.truth) == customers
    assert set(sample.truth["data_fault"].to_pylist()) == {"none"}


def _profiles(sample: Sample) -> tuple[np.ndarray, pd.DataFrame]:
    """Mean kWh by hour of each customer in the order of the truth, (n, 24), and the truth."""
    truth = sample.truth.to_pandas()
    ids = sample.readings["customer_id"].combine_chunks()
    assert ids.dictionary.to_pylist() == truth["customer_id"].tolist()
    hour = sample.readings["timestamp"].to_numpy().astype("datetime64[h]").astype(int) % 24
    cell = ids.indices.to_numpy() * 24 + hour
    total = np.bincount(cell, weights=sample.readings["kwh"].to_numpy(), minlength=24 * len(truth))
    count = np.bincount(cell, minlength=24 * len(truth))
    return (total / np.maximum(count, 1)).reshape(-1, 24), truth


def _truth(folder: Path, label: str) -> pd.DataFrame:
    return pd.read_csv(folder / "truth" / f"{label}.csv", index_col="customer_id")


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()
