"""The page of one customer."""

import re
from html import unescape
from pathlib import Path

import builders
import pandas as pd
import pytest

from reporter.errors import UsageError
from reporter.report.customer import customer_context, page_name, write_customer
from reporter.report.customers import write_customers
from reporter.run import read_run
from reporter.settings import OutputSettings

FILES = {"enrolment": "enrolment.csv", "outages": "outages.csv", "tariff": "tariff.toml"}
HOSTILE = "<script>alert('1')</script>/../=x"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 24 homes: one of a strange name, one that never changes, past offers and a power cut."""
    place = tmp_path_factory.mktemp("customer")
    frame = builders.by_rule(
        lambda n, stamps: builders.EVENING[(stamps.hour + n % 3 * 8) % 24] * (1 + n / 10), customers=24
    )
    ids = sorted(frame["customer_id"].unique())
    frame.loc[frame["customer_id"] == ids[1], "kwh"] = 1.0
    frame["customer_id"] = frame["customer_id"].replace({ids[0]: HOSTILE})
    frame = pd.concat([frame, frame[frame["customer_id"] == ids[5]].iloc[[30]]], ignore_index=True)
    first = frame["timestamp"].min().date()
    (place / "enrolment.csv").write_text(
        f"customer_id,program,offered,enrolled,opted_out\n{ids[2]},critical-peak-price,2025-05-04,true,true\nother,critical-peak-price,2025-05-04,true,false\n"
    )
    (place / "outages.csv").write_text(f"customer_id,start,end\n{ids[2]},{first} 10:00,{first} 11:30\n")
    # C017 declined; five others took it, so that there is a rate.
    with (place / "enrolment.csv").open("a") as file:
        file.writelines(
            f"{one},critical-peak-price,2025-05-04,{'false' if one == ids[17] else 'true'},false\n"
            for one in [*ids[6:11], ids[17]]
        )
    (place / "tariff.toml").write_text(
        'currency = "USD"\n[current]\nname = "one price"\nfixed_per_month = 10\nprice_per_kwh = 0.2\n'
        '[proposed]\nname = "cheap"\nfixed_per_month = 10\nprice_per_kwh = 0.1\n'
    )
    return builders.make_run(
        builders.parquet(frame, place),
        place / "run",
        beside={name: place / file for name, file in FILES.items()},
        targets__repeat_offers="as-first",
        targets__customers_max=3,
    )


def seen(page: Path) -> str:
    text = re.sub(r"<(style|script)>.*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").split())


def test_a_page_says_why_somebody_is_or_is_not_a_target(folder: Path) -> None:
    run = read_run(folder)
    customers = run.customers
    target = str(run.targets["target_id"][0])
    page = seen(write_customer(folder, target, None, OutputSettings()))
    assert "place 1 on the list" in page or "held back" in page
    assert run.target_list()["reason"][0].rstrip(".") in page
    other = customers[customers["target_rank"].isna() & customers["exclusion_reason"].isna()].iloc[0]
    described = {row.reason: row.description for row in run.facts.targets.not_targets}
    page = seen(write_customer(folder, str(other["customer_id"]), None, OutputSettings()))
    assert "no offer now" in page
    assert described[other["not_target_reason"]] in page


def test_one_who_was_left_out_has_a_page_with_the_reason(folder: Path) -> None:
    page = seen(write_customer(folder, "C001", None, OutputSettings()))
    assert "left out of the analysis" in page
    assert "Every reading has the same value" in page


def test_history_and_power_cuts_are_the_customers_own(folder: Path) -> None:
    context = customer_context(read_run(folder), "C002", OutputSettings())
    assert [(one.offered, one.enrolled, one.opted_out) for one in context.history or []] == [
        ("2025-05-04", True, True)
    ]
    assert [one.hours for one in context.outages or []] == [1.5]
    assert customer_context(read_run(folder), "C003", OutputSettings()).history == []
    assert set(pd.read_parquet(folder / "history.parquet")["customer_id"]) == {
        "C002",
        "C017",
        *(f"C{number:03d}" for number in range(6, 11)),
    }


def test_the_segments_shape_is_drawn_at_the_customers_size(folder: Path) -> None:
    run = read_run(folder)
    context = customer_context(run, "C005", OutputSettings())
    rows = context.figures["profile"].data.rows
    segment = next(s for s in run.facts.segments if s.segment_id == context.row["segment_id"])
    for hour, row in enumerate(rows):
        assert row[3] == pytest.approx(segment.shape[hour] * context.row["mean_kw"], rel=1e-4)


def test_a_hostile_id_is_text_and_no_path(folder: Path) -> None:
    page = write_customer(folder, HOSTILE, None, OutputSettings())
    assert page.parent == folder / "customers"
    assert re.fullmatch(r"[A-Za-z0-9-]+\.html", page.name)
    assert "<script>alert" not in page.read_text(encoding="utf-8")
    assert HOSTILE in seen(page)


def test_names_of_pages_differ_where_ids_do() -> None:
    ids = ["007", "7", "abc", "ABC", "a/b", "a-b", "..", "", "ü", "=x"]
    assert len({page_name(one).lower() for one in ids}) == len(ids)


def test_an_unknown_customer_is_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no customer 'c005' in this run \(did you mean 'C005'\?\)"):
        write_customer(folder, "c005", None, OutputSettings())


def test_the_page_over_customers_has_everybody_and_leads_to_the_pages_there_are(folder: Path) -> None:
    run = read_run(folder)
    target = str(run.targets["target_id"][0])
    written = write_customer(folder, target, None, OutputSettings())
    page = write_customers(folder, None, OutputSettings())
    text = page.read_text(encoding="utf-8")
    assert re.findall(r'<a href="([^"#]*)">', text) and set(
        re.findall(r'<a href="([^"#]*\.html)">', text)
    ) <= {file.name for file in written.parent.iterdir()}
    assert f'<a href="{written.name}">{target}</a>' in text
    assert text.count('<th scope="row"') == len(run.customers)
    assert HOSTILE not in text and "&lt;script&gt;alert" in text
    rows = re.findall(r'<th scope="row" data-value="([^"]*)"', text)
    assert unescape(rows[0]) == target


def test_a_page_says_that_a_likelihood_is_of_a_first_offer(folder: Path) -> None:
    customers = read_run(folder).customers
    row = customers.sort_values("customer_id").set_index("customer_id").loc["C017"]
    page = seen(write_customer(folder, "C017", None, OutputSettings()))
    assert "not enrolled" in page
    assert row["participation"] == row["participation"]
    assert "on 4 May 2025: the likelihood is that of a first offer" in page
    never = seen(write_customer(folder, "C020", None, OutputSettings()))
    assert "that of a first offer" not in never


def test_a_page_says_what_a_customer_pays(folder: Path) -> None:
    run = read_run(folder)
    row = run.customers.set_index("customer_id").loc["C004"]
    # Both rates have one price, so the bill follows from the mean load alone: a month has 365.25 ÷ 12 days.
    profile = run.profiles.set_index("customer_id").loc["C004"]
    weekday, weekend = (
        sum(profile[f"{kind}_{hour:02d}"] for hour in range(24)) for kind in ("weekday", "weekend")
    )
    days = 365.25 / 12
    kwh = days * (5 * weekday + 2 * weekend) / 7
    assert row["bill_month_now"] == pytest.approx(10 + 0.2 * kwh, rel=1e-3)
    assert row["bill_month_then"] == pytest.approx(10 + 0.1 * kwh, rel=1e-3)
    context = customer_context(run, "C004", OutputSettings())
    assert context.bill is not None
    assert context.bill.change == pytest.approx(-0.1 * kwh, rel=1e-3)
    page = seen(write_customer(folder, "C004", None, OutputSettings()))
    assert re.search(
        r"costs it US\$104 under “one price”, and would cost US\$57 under “cheap”, US\$47 less, if it changed nothing",
        page,
    )
    mean = run.customers["bill_month_now"].mean()
    assert run.facts.bills is not None and run.facts.bills.everyone.now == pytest.approx(mean, rel=1e-4)


def test_checks_are_told_in_whole_numbers_with_a_noun(folder: Path) -> None:
    page = seen(write_customer(folder, "C005", None, OutputSettings()))
    assert "1 reading came twice. In all, 1 customer has" in page


def test_the_page_over_customers_says_who_is_on_the_list(folder: Path) -> None:
    run = read_run(folder)
    text = write_customers(folder, None, OutputSettings()).read_text(encoding="utf-8")
    said = re.findall(r'<td data-label="On the list">([^<]*)</td>', text)
    listed = len(run.targets)
    assert set(said[:listed]) <= {"yes", "held back"} and set(said[listed:]) == {"no"}
    assert "Place in the order" in text and "Place on the list" not in text
