"""The run folder: whole or not at all, read back, and the same bytes for the same input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import builders
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from reporter.errors import DataError, UsageError
from reporter.facts import Facts
from reporter.place import check_out, write_whole
from reporter.run import (
    profile_array,
    read_run,
)
from reporter.sample import generate_sample

FILES = {
    "vpp.csv",
    "audit.parquet",
    "facts.json",
    "customers.parquet",
    "profiles.parquet",
    "segmentation.json",
    "targets.csv",
    "manifest.json",
}
SAME = sorted(FILES - {"manifest.json"})

CUSTOMER_COLUMNS = {
    "customer_id", "segment_id", "segment_label", "exclusion_reason", "mean_kw", "peak_kw", "load_factor", "coincident_kw",
    "above_baseload_kw", "ev_probability", "solar_probability", "participation", "effect_kw", "expected_kw", "target_rank",
    "not_target_reason",
}  # fmt: skip


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("inputs")
    sample = generate_sample(120, days=28, seed=5)
    readings = sample.readings.to_pandas()
    short = readings[readings["customer_id"] == readings["customer_id"].iloc[0]].head(48)
    odd = [
        short.assign(customer_id=name) for name in ("=cmd|'/C calc'!A0", "<script>alert(1)</script>", "0007")
    ]
    flat = readings.head(400).assign(customer_id="STUCK", kwh=0.2).drop_duplicates("timestamp")
    pd.concat([readings, *odd, flat]).to_parquet(folder / "readings.parquet", index=False)
    sample.customers.to_pandas().to_csv(folder / "customers.csv", index=False)
    return folder / "readings.parquet", folder / "customers.csv"


@pytest.fixture(scope="module")
def run(inputs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    readings, customers = inputs
    return builders.make_run(
        readings,
        tmp_path_factory.mktemp("runs") / "run",
        customers,
        audit__min_days=7,
        targets__enrolment_rate=0.2,
    )


@pytest.fixture(scope="module")
def plain(inputs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return builders.make_run(
        inputs[0], tmp_path_factory.mktemp("plain") / "run", inputs[1], running__threads=2
    )


def test_the_folder_holds_the_files_of_the_contract(run: Path) -> None:
    assert {path.name for path in run.iterdir()} == FILES
    assert [path.name for path in run.parent.iterdir()] == ["run"]
    assert run.stat().st_mode & 0o777 == 0o777 & ~current_umask()


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_every_customer_read_has_a_row(run: Path, inputs: tuple[Path, Path]) -> None:
    table = pd.read_parquet(run / "customers.parquet")
    read = pd.read_parquet(inputs[0])["customer_id"].unique()
    assert set(table.columns) >= CUSTOMER_COLUMNS
    assert list(table["customer_id"]) == sorted(read)
    left_out = table["exclusion_reason"].notna()
    assert left_out.sum() >= 4
    assert (
        table.loc[left_out, ["segment_id", "segment_label", "target_rank", "mean_kw"]].isna().all(axis=None)
    )
    assert (
        table.loc[~left_out, ["segment_id", "segment_label", "mean_kw", "coincident_kw"]]
        .notna()
        .all(axis=None)
    )
    assert set(table.loc[left_out, "not_target_reason"]) == {"left-out"}
    assert (table["target_rank"].isna() == table["not_target_reason"].notna()).all()


def test_the_files_agree_with_each_other(run: Path) -> None:
    read = read_run(run)
    facts, customers, profiles = read.facts, read.customers, read.profiles
    used = customers[customers["exclusion_reason"].isna()].set_index("customer_id")
    assert list(profiles["customer_id"]) == list(used.index)
    assert list(profiles["segment_id"]) == list(used["segment_id"])
    assert facts.quality.customers_read == len(customers)
    assert facts.quality.customers_used == len(used) == sum(segment.customers for segment in facts.segments)
    assert {row.reason: row.customers for row in facts.quality.excluded} == dict(
        customers["exclusion_reason"].value_counts()
    )
    assert facts.quality.customers_used + sum(row.customers for row in facts.quality.excluded) == len(
        customers
    )
    assert facts.quality.energy_kwh == pytest.approx(customers["import_kwh"].sum(), abs=1e-3)
    assert sum(segment.share for segment in facts.segments) == pytest.approx(1, abs=1e-4)
    assert sum(segment.energy_share for segment in facts.segments) == pytest.approx(1, abs=1e-4)
    assert sum(segment.coincident_share for segment in facts.segments) == pytest.approx(1, abs=1e-4)
    ids = [segment.segment_id for segment in facts.segments]
    assert ids == [segment["segment_id"] for segment in read.segmentation.segments]
    for segment in facts.segments:
        mine = used[used["segment_id"] == segment.segment_id]
        loads = profile_array(profiles[profiles["segment_id"] == segment.segment_id])
        assert segment.customers == len(mine)
        assert set(mine["segment_label"]) == {segment.label}
        np.testing.assert_allclose(segment.profile_kw, loads.mean(axis=0), rtol=1e-4)
        assert segment.peak_hour == int(np.argmax(loads.mean(axis=0)))
        assert segment.coincident_kw == pytest.approx(mine["coincident_kw"].mean(), rel=1e-4)
        assert segment.energy_kwh_per_day == pytest.approx(mine["mean_kw"].mean() * 24, rel=1e-4)
        assert segment.load_factor == pytest.approx(mine["load_factor"].mean(), rel=1e-4)
        shapes = loads / np.abs(loads).mean(axis=1, keepdims=True)
        np.testing.assert_allclose(segment.shape, shapes.mean(axis=0), rtol=1e-3, atol=1e-4)


def test_the_saved_segmentation_gives_everyone_their_segment_again(run: Path) -> None:
    read = read_run(run)
    ids = np.array([segment["segment_id"] for segment in read.segmentation.segments])
    again = ids[read.segmentation.apply(read.profiles)]
    np.testing.assert_array_equal(again, read.profiles["segment_id"])


def test_facts_come_back_as_they_were_written(run: Path) -> None:
    text = (run / "facts.json").read_text(encoding="utf-8")
    facts = Facts.model_validate_json(text)
    assert json.loads(text) == facts.model_dump(mode="json")
    assert "NaN" not in text
    assert "Infinity" not in text


def test_the_list_to_act_on_follows_the_ranks(run: Path) -> None:
    targets = pd.read_csv(run / "targets.csv", dtype={"customer_id": str})
    assert list(targets.columns) == [
        "target_rank",
        "customer_id",
        "segment_label",
        "program",
        "group",
        "expected_kw",
        "reason",
    ]
    assert len(targets)
    customers = pd.read_parquet(run / "customers.parquet")
    ranked = customers[customers["target_rank"].notna()].sort_values("target_rank")
    assert list(targets["target_rank"]) == list(range(1, len(targets) + 1))
    assert list(targets["customer_id"]) == list(ranked["customer_id"])
    assert set(targets["group"]) <= {"offer", "holdout"}


def test_ids_that_look_like_formulas_are_text_in_the_list(tmp_path: Path, inputs: tuple[Path, Path]) -> None:
    readings = pd.read_parquet(inputs[0])
    usual = readings[readings["customer_id"].str.startswith("C")]
    path = builders.parquet(usual.assign(customer_id="=" + usual["customer_id"]), tmp_path)
    out = builders.make_run(path, tmp_path / "run", audit__min_days=7)
    lines = (out / "targets.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert lines
    assert all(line.split(",")[1].startswith("'=C") for line in lines)
    assert pd.read_parquet(out / "customers.parquet")["customer_id"].str.startswith("=C").all()


def test_columns_have_the_same_types_whoever_is_left_out(run: Path, tmp_path: Path) -> None:
    frame = builders.long_table(customers=22, days=14)
    all_used = builders.make_run(builders.parquet(frame, tmp_path), tmp_path / "run")
    for name in ("customers.parquet", "profiles.parquet"):
        # A column a month of the period: these two lie in different months.
        first, second = (
            [f for f in pq.read_schema(folder / name) if "_peak_kw_20" not in f.name]
            for folder in (all_used, run)
        )
        assert first == second


@pytest.mark.parametrize(
    ("threads", "changes"),
    [
        (1, {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}),
        (
            2,
            {"PYTHONHASHSEED": "77", "LC_ALL": "de_DE.UTF-8", "TZ": "Pacific/Chatham", "LANG": "tr_TR.UTF-8"},
        ),
    ],
)
def test_bytes_do_not_depend_on_machine_or_threads(
    threads: int, changes: dict[str, str], inputs: tuple[Path, Path], plain: Path, tmp_path: Path
) -> None:
    command = [sys.executable, builders.__file__, *map(str, inputs), str(tmp_path / "there"), str(threads)]
    subprocess.run(command, check=True, env=os.environ | changes, capture_output=True)
    for name in SAME:
        assert (plain / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def test_bytes_do_not_depend_on_the_order_of_rows(
    inputs: tuple[Path, Path], plain: Path, tmp_path: Path
) -> None:
    shuffled = pd.read_parquet(inputs[0]).sample(frac=1, random_state=4)
    again = builders.make_run(builders.parquet(shuffled, tmp_path), tmp_path / "again", inputs[1])
    for name in SAME:
        if name != "facts.json":
            assert (plain / name).read_bytes() == (again / name).read_bytes(), name
    # The hash of the input is another; all else is the same.
    one, two = (json.loads((folder / "facts.json").read_text()) for folder in (plain, again))
    assert one.pop("method") | {"inputs": None} == two.pop("method") | {"inputs": None}
    assert one == two


def test_nothing_is_left_when_something_fails_in_the_middle(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(RuntimeError, match="half-way"), write_whole(out, force=False) as part:
        (part / "facts.json").write_text("{}")
        raise RuntimeError("half-way")
    assert list(tmp_path.iterdir()) == []


OLD = '{"made_by": "reporter"}'


def ours(folder: Path) -> Path:
    """A folder that says that we wrote it."""
    folder.mkdir()
    (folder / "manifest.json").write_text(OLD)
    return folder


def test_a_failure_leaves_the_old_run_as_it_was(tmp_path: Path) -> None:
    out = ours(tmp_path / "run")
    with pytest.raises(RuntimeError, match="half-way"), write_whole(out, force=True) as part:
        (part / "manifest.json").write_text("new")
        raise RuntimeError("half-way")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (out / "manifest.json").read_text() == OLD


def test_force_replaces_a_run_whole(tmp_path: Path) -> None:
    out = ours(tmp_path / "run")
    (out / "left-over.txt").write_text("x")
    with write_whole(out, force=True) as part:
        (part / "manifest.json").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert [path.name for path in out.iterdir()] == ["manifest.json"]
    assert (out / "manifest.json").read_text() == "new"


def test_a_run_is_not_replaced_without_force(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--force"):
        check_out(ours(tmp_path / "run"), force=False)


def test_force_replaces_nothing_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").write_text("x")
    with (
        pytest.raises(UsageError, match="not a folder that reporter wrote"),
        write_whole(tmp_path / "holiday", force=True),
    ):
        pass
    assert (tmp_path / "holiday" / "photo.jpg").exists()
    # A manifest.json alone says nothing: extensions of browsers have one too.
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "manifest.json").write_text('{"manifest_version": 3}')
    with pytest.raises(UsageError, match="not a folder that reporter wrote"):
        check_out(tmp_path / "extension", force=True)
    with pytest.raises(UsageError, match="lies in the folder"):
        check_out(ours(tmp_path / "mine"), force=True, inputs=[tmp_path / "mine" / "readings.csv"])
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        check_out(tmp_path / "file", force=True)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="leads back to itself"):
        check_out(tmp_path / "loop", force=True)


def test_an_empty_folder_may_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "a" / "empty"
    empty.mkdir(parents=True)
    for out in (empty, Path()):
        monkeypatch.chdir(empty if out == Path() else tmp_path)
        with write_whole(out, force=False) as part:
            (part / "manifest.json").write_text("new")
        assert [path.name for path in empty.iterdir()] == ["manifest.json"]
        assert [path.name for path in empty.parent.iterdir()] == ["empty"]
        (empty / "manifest.json").unlink()


def test_a_link_to_a_run_keeps_pointing_at_it(tmp_path: Path) -> None:
    ours(tmp_path / "run")
    (tmp_path / "latest").symlink_to("run")
    with write_whole(tmp_path / "latest", force=True) as part:
        (part / "manifest.json").write_text("new")
    assert (tmp_path / "latest").is_symlink()
    assert (tmp_path / "run" / "manifest.json").read_text() == "new"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(UsageError, match="can't be written"),
        write_whole(tmp_path / "file" / "run", force=False),
    ):
        pass


def test_bad_data_write_nothing(tmp_path: Path) -> None:
    frame = builders.long_table(customers=1, days=10)
    path = builders.parquet(frame, tmp_path / "in")
    with pytest.raises(DataError):
        builders.make_run(path, tmp_path / "out" / "run")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_facts_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run folder"):
        read_run(tmp_path)


@pytest.mark.parametrize("name", ["facts.json", "segmentation.json"])
@pytest.mark.parametrize("content", ["", "{}", "[1]", "not json", '{"schema_version": "99.0"}'])
def test_a_broken_file_is_named(name: str, content: str, run: Path, tmp_path: Path) -> None:
    for path in run.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=name):
        read_run(tmp_path)


def test_a_missing_file_is_named(run: Path, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_bytes((run / "facts.json").read_bytes())
    with pytest.raises(DataError, match=r"segmentation\.json"):
        read_run(tmp_path)
    (tmp_path / "segmentation.json").write_bytes((run / "segmentation.json").read_bytes())
    with pytest.raises(DataError, match=r"customers\.parquet"):
        _ = read_run(tmp_path).customers
    (tmp_path / "profiles.parquet").write_text("x")
    with pytest.raises(DataError, match=r"profiles\.parquet"):
        _ = read_run(tmp_path).profiles


def test_the_manifest_says_what_was_done(run: Path, inputs: tuple[Path, Path]) -> None:
    import hashlib

    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["seed"] == 0
    assert manifest["settings"]["targets"]["enrolment_rate"] == 0.2
    assert manifest["origins"]["audit.min_days"] == "flag --min-days"
    assert {row["name"]: row["sha256"] for row in manifest["inputs"]} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in inputs
    }
    assert manifest["missing"] == []
    assert {"numpy", "duckdb", "reporter"} <= set(manifest["versions"])
