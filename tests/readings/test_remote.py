"""An engine elsewhere: names of tables, what can't be used, and words that other engines have."""

from pathlib import Path
from typing import Any

import builders
import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest

from reporter.errors import DataError, UsageError
from reporter.profiles.build import build_profiles
from reporter.readings import open_engine, read
from reporter.readings.formats.warehouse import address
from reporter.readings.remote import RemoteEngine, said
from reporter.settings import Settings
from reporter.words import without_secrets


def at(engine: str, **flags: Any) -> Settings:
    return builders.settings(running__engine=engine, **flags)


def opened(place: str, settings: Settings) -> Any:
    with open_engine(settings.running) as engine:
        return read([Path(place)], engine, settings)


@pytest.fixture
def warehouse(tmp_path: Path) -> str:
    """A database file with tables, good and bad."""
    path = tmp_path / "warehouse.db"
    frame = builders.long_table()  # noqa: F841 (read by its name)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema meters")
        connection.execute("create table meters.july as select * from frame")
        connection.execute(
            "create table dates as select customer_id, timestamp::varchar as timestamp, kwh from frame"
        )
        connection.execute(
            "create table numbers as select customer_id, timestamp, kwh::varchar as kwh from frame"
        )
        connection.execute("create table wide as select timestamp, kwh as c1, kwh as c2 from frame")
        connection.execute("create table nothing as select * from frame limit 0")
        connection.execute("create table nameless as select timestamp, kwh, 1 as kind from frame")
    return f"duckdb://{path}"


def test_a_table_is_named_with_its_schema(warehouse: str) -> None:
    readings = opened("meters.july", at(warehouse))
    assert len(readings.audit.used) == 3
    told = next(f for f in readings.findings if f.name == "columns-recognised")
    assert told.description.startswith("Read in meters.july: customer 'customer_id'")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("july", "july: duckdb has no such table"),
        ("dates", "dates: column 'timestamp' holds string, not times; make a view"),
        ("numbers", "numbers: column 'kwh' holds string, not numbers; make a view"),
        ("wide", "wide: it has not one row a reading"),
        ("nothing", "nothing: there is no reading in it"),
        ("nameless", "nameless: no customer column was recognised"),
        ("gone.parquet", "gone.parquet: duckdb could not read them"),
    ],
)
def test_a_table_that_can_not_be_read_is_named_with_the_reason(table: str, says: str, warehouse: str) -> None:
    with pytest.raises(DataError, match=says):
        opened(table, at(warehouse))


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        ("oracle", "--engine oracle: is no engine that reporter knows"),
        ("nowhere://host", "--engine nowhere://host: is no engine that reporter knows"),
        ("duckdb:///no/such/folder/file.db", "can't be reached"),
    ],
)
def test_an_engine_that_can_not_be_used_is_named_with_the_reason(engine: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        opened("readings", at(engine))


@pytest.mark.parametrize(
    ("engine", "packages"),
    [("snowflake://me:hush@account/db", "snowflake"), ("bigquery://project/set", "bigquery")],
)
def test_a_missing_driver_is_named_with_what_installs_it(engine: str, packages: str) -> None:
    try:
        with pytest.raises(UsageError, match=rf"pip install 'ibis-framework\[{packages}\]'") as caught:
            opened("readings", at(engine))
    except pytest.fail.Exception:
        pytest.skip(f"the driver of {packages} is installed here")
    assert "hush" not in str(caught.value)


def test_files_are_for_engines_that_read_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sqlite reads no files; name a table of its"):
        opened("folder/readings.parquet", at(f"sqlite://{tmp_path}/file.sqlite"))


def test_addresses_keep_their_slashes() -> None:
    typed = ["s3a://bucket/readings", "abfss://box@place/readings", "catalog.schema.table", "/data/readings"]
    assert [address(Path(name)) for name in typed] == typed
    assert address(Path("dbfs:/data")) == "dbfs:/data"


def test_secrets_stay_out_of_messages() -> None:
    url = "databricks://me:hush@host:443/db?http_path=/sql&access_token=hush&user=me"
    assert without_secrets(url) == "databricks://me:…@host:443/db?http_path=/sql&access_token=…&user=me"
    java = "An error occurred while calling o1.parquet.\n: org.Outer: failed\n\tat x\nCaused by: org.Inner: no room"
    assert said(RuntimeError(java)) == "org.Inner: no room"


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "databricks"])
def test_every_pass_can_be_said_in_the_words_of_a_warehouse(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can try these without an account: that each expression of a run has words there is as far as this goes."""
    words: list[str] = []

    def spoken(self: RemoteEngine, expression: Any) -> Any:
        words.append(ibis.to_sql(expression.unbind(), dialect=dialect))
        return expression

    frame = builders.long_table(customers=4, days=14, minutes=30, start="2026-10-19")
    frame = pd.concat([frame, frame.iloc[50:60].assign(kwh=2.5)], ignore_index=True)
    frame.loc[5:9, "kwh"] = np.nan
    with duckdb.connect(str(tmp_path / "file.db")) as connection:
        connection.execute("create table readings as select * from frame")
    settings = at(f"duckdb://{tmp_path}/file.db", readings__timezone="Europe/London", readings__stamps="end")
    monkeypatch.setattr(RemoteEngine, "_portable", spoken)
    with open_engine(settings.running) as engine:
        build_profiles(read([Path("readings")], engine, settings), engine, settings)
    assert len(words) > 10
