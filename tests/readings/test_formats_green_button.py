"""Green Button feeds: links, units, directions, local time, what vendors do otherwise, and traps."""

import gzip
import re
import tracemalloc
from pathlib import Path
from typing import Any

import builders
import forms
import pandas as pd
import pytest

from reporter.errors import DataError
from reporter.readings.formats.dst_rules import zone_of
from reporter.readings.formats.espi import ReadingsFile, read_feed

FRAME = builders.long_table(customers=3, days=2)
AWARE = FRAME.assign(timestamp=FRAME["timestamp"].dt.tz_localize("UTC"))


def read(text: str, folder: Path, name: str = "feed.xml", **flags: Any) -> tuple[pd.DataFrame, Any]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return builders.rows(path, **flags)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("feed") / "feed.xml"
    return forms.green_button(AWARE, path, 60).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return builders.rows(builders.parquet(FRAME, tmp_path_factory.mktemp("same")))[0]


# What vendors do: each gives the same readings as a feed by the book.
DEVIATIONS = {
    "by the book": lambda text: text,
    "without namespaces": lambda text: re.sub(r" xmlns='[^']*'", "", text),
    "with prefixes": lambda text: re.sub(r"<(/?)(?=[A-Zivtspdu])(?!\?)(?!entry|feed|id|link|title|content|updated)", r"<\1espi:", text).replace(
        "<feed ", f"<feed xmlns:espi='{forms.ESPI}' "
    ),
    "white space in elements": lambda text: re.sub(r"<(start|value|uom|kind|duration)>(.*?)<", r"<\1>\n   \2 <", text),
    "absolute addresses": lambda text: re.sub(r"href='", "href='https://utility.example/espi/1_1/resource/", text),
    "addresses with a slash at the end": lambda text: re.sub(r"href='([^']*)'", r"href='/\1/'", text),
    "without links": lambda text: re.sub(r"<link [^>]*>", "", text),
    "without links up": lambda text: re.sub(r"<link rel='up'[^>]*>", "", text),
    "without links of one's own": lambda text: re.sub(r"<link rel='self'[^>]*>", "", text),
    "reading type at the end": lambda text: re.sub(r"(<entry><id>urn:uuid:type-1.*?</entry>)(.*)(</feed>)", r"\2\1\3", text, flags=re.DOTALL),
    "decimals": lambda text: re.sub(r"<value>(\d+)<", r"<value>\1.000<", text),
    "comments": lambda text: text.replace("<value>", "<!-- 1 --><value><!-- 2 -->"),
    "costs and other things beside": lambda text: text.replace("<timePeriod>", "<cost>12</cost><timePeriod>").replace(
        "</feed>", "<entry><content><ElectricPowerUsageSummary><uom>29</uom><value>1</value></ElectricPowerUsageSummary></content></entry></feed>"
    ),
    "no direction": lambda text: text.replace("<flowDirection>1</flowDirection>", ""),
    "thousandths": lambda text: re.sub(r"<value>(\d+)<", r"<value>\g<1>000<", text).replace("Multiplier>0<", "Multiplier>-3<"),
    "mean power": lambda text: text.replace("<uom>72<", "<uom>38<"),
    "one block a customer": lambda text: re.sub(
        r"</IntervalBlock></content></entry>\s*<entry><id>urn:uuid:C00\d-block.*?<IntervalBlock[^>]*>", "", text, flags=re.DOTALL
    ),
    "a daily total beside": lambda text: text.replace(
        "</feed>",
        forms.reading_type("2")
        + forms.usage_point("C000", meters=["9"], types=["2"]).split("\n", 1)[1]
        + forms.block("C000", pd.DataFrame({"timestamp": [AWARE["timestamp"][0]], "value": [9]}), 86400, meter="9")
        + "</feed>",
    ),
    "net beside delivered": lambda text: text.replace(
        "</feed>",
        forms.reading_type("2", flow=4)
        + forms.usage_point("C000", meters=["9"], types=["2"]).split("\n", 1)[1]
        + forms.block("C000", pd.DataFrame({"timestamp": [AWARE["timestamp"][0]], "value": [9]}), 3600, meter="9")
        + "</feed>",
    ),
    "gas beside": lambda text: text.replace(
        "</feed>", forms.usage_point("G1", kind=1) + forms.block("G1", AWARE.assign(value=1)[:5], 3600) + "</feed>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("deviation", list(DEVIATIONS))
def test_what_vendors_do_gives_the_same_readings(
    deviation: str, text: str, expected: pd.DataFrame, tmp_path: Path
) -> None:
    changed = DEVIATIONS[deviation](text)
    assert (changed != text) == (deviation != "by the book")
    found, source = read(changed, tmp_path)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert source.aware
    assert source.unit == "kwh"
    said = {finding.name for finding in source.findings}
    assert ("channels-ignored" in said) == (deviation == "gas beside")
    assert ("meter-readings-ignored" in said) == (
        deviation in {"a daily total beside", "net beside delivered"}
    )


def test_gzip_and_several_files_and_utf_16(text: str, expected: pd.DataFrame, tmp_path: Path) -> None:
    halves = [AWARE[AWARE["customer_id"] != "C002"], AWARE[AWARE["customer_id"] == "C002"]]
    forms.green_button(halves[0], tmp_path / "a.xml", 60)
    forms.green_button(halves[1], tmp_path / "plain.xml", 60)
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress((tmp_path / "plain.xml").read_bytes()))
    found, _ = builders.rows([tmp_path / "a.xml", tmp_path / "b.xml.gz"])
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    (tmp_path / "c.xml").write_text(text.replace("UTF-8", "UTF-16"), encoding="utf-16")
    found, _ = builders.rows(tmp_path / "c.xml")
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_import_and_export_are_one_load(tmp_path: Path) -> None:
    stamps = AWARE["timestamp"][:4]
    to = pd.DataFrame({"timestamp": stamps, "value": [500, 0, 300, 200]})
    back = pd.DataFrame({"timestamp": stamps[:3], "value": [0, 700, 100]})
    text = forms.feed(
        forms.reading_type("1"),
        forms.reading_type("2", flow=19),
        forms.usage_point("A", meters=["1", "2"], types=["1", "2"]),
        forms.block("A", to, 3600),
        forms.block("A", back, 3600, meter="2"),
        forms.usage_point("B", meters=["1"], types=["2"]),
        forms.block("B", back, 3600),
    )
    found, source = read(text, tmp_path)
    a, b = found[found["customer_id"] == "A"], found[found["customer_id"] == "B"]
    assert list(a["value"]) == pytest.approx([0.5, -0.7, 0.2, 0.2])
    assert list(a["export"]) == [0, 0.7, 0.1, 0]
    assert list(b["value"]) == [0, -0.7, -0.1]
    assert source.netted == 3
    audit = builders.audited(tmp_path / "feed.xml")
    assert (audit.readings_read, audit.import_kwh, audit.export_kwh) == (
        10,
        pytest.approx(1.0),
        pytest.approx(1.6),
    )
    alone, _ = builders.rows(tmp_path / "feed.xml", readings__channels="import")
    assert list(alone["value"]) == [0.5, 0, 0.3, 0.2]


def test_quality_is_counted_and_estimates_are_marked(text: str, tmp_path: Path) -> None:
    flagged = text.replace(
        "<IntervalReading>", "<IntervalReading><ReadingQuality><quality>17</quality></ReadingQuality>"
    )
    flagged = flagged.replace("<quality>17<", "<quality>8<", 5)
    found, source = read(flagged, tmp_path)
    assert found["estimated"].sum() == 5
    quality = next(finding for finding in source.findings if finding.name == "reading-quality")
    assert quality.data == {"flags": {"validated": len(FRAME) - 5, "estimated by a day": 5}, "estimated": 5}


def test_two_usage_points_of_one_id_are_two_customers(text: str, tmp_path: Path) -> None:
    found, _ = read(re.sub(r"urn:uuid:C00\d<", "urn:uuid:same<", text), tmp_path)
    assert list(found["customer_id"].unique()) == [f"RetailCustomer/1/UsagePoint/C00{n}" for n in range(3)]
    found, _ = read(text, tmp_path, readings__customer_column="title")
    assert list(found["customer_id"].unique()) == ["C000", "C001", "C002"]


@pytest.mark.parametrize(
    ("parameters", "zone"),
    [
        ({"tzOffset": "-18000", "dstOffset": "3600", "dstStartRule": "360E2000", "dstEndRule": "B40E2000"}, "America/New_York"),
        ({"tzOffset": "-28800", "dstOffset": "3600", "dstStartRule": "360E2000", "dstEndRule": "B40E2000"}, "America/Los_Angeles"),
        # The last Sundays of March and October.
        ({"tzOffset": "0", "dstOffset": "3600", "dstStartRule": "3E0E1000", "dstEndRule": "AE0E1000"}, "Europe/London"),
        ({"tzOffset": "-25200", "dstOffset": "0", "dstStartRule": "0", "dstEndRule": "0"}, "-07:00"),
        ({"tzOffset": "-25200"}, "-07:00"),
        ({"tzOffset": "19800", "dstOffset": ""}, "+05:30"),
        ({"tzOffset": "-18000", "dstOffset": "3600", "dstStartRule": "360E2000", "dstEndRule": "B80E2000"}, None),
        ({"tzOffset": "abc"}, None),
        ({"tzOffset": "999999999"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_local_time_parameters_are_a_zone(parameters: dict[str, str], zone: str | None) -> None:
    assert zone_of(parameters, 2026) == zone


def test_the_report_speaks_the_zone_of_the_file_unless_another_is_given(tmp_path: Path) -> None:
    path = forms.green_button(AWARE, tmp_path / "feed.xml", 60, forms.local_time())
    _, readings = builders.cells(path)
    assert readings.calendar.timezone == "America/New_York"
    assert "timezone-from-file" in {finding.name for finding in readings.findings}
    _, readings = builders.cells(path, readings__timezone="Europe/London")
    assert readings.calendar.timezone == "Europe/London"
    assert not {"timezone-from-file", "timezone-assumed"} & {finding.name for finding in readings.findings}


HEAD = "<?xml version='1.0'?>\n"
BOMB = "<!DOCTYPE feed [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
BROKEN = {
    "entities": (lambda text: text.replace("\n", BOMB, 1).replace("<value>", "<value>&i;", 1), "document type"),
    "external entity": (
        lambda text: text.replace("\n", "<!DOCTYPE feed [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", 1).replace("<title>", "<title>&x;", 1),
        "line 1: a document type",
    ),
    "external document type": (lambda text: text.replace("\n", "<!DOCTYPE feed SYSTEM 'http://example.org/x.dtd'>", 1), "document type"),
    "unknown encoding": (lambda text: text.replace("UTF-8", "UTF-88"), "not readable as XML .unknown encoding"),
    "encoding of many bytes": (lambda text: text.replace("UTF-8", "UTF-7"), "not readable as XML"),
    "cut short": (lambda text: text[: len(text) // 2], r"line \d+: not readable as XML"),
    "empty feed": (lambda text: HEAD + "<feed/>", "no interval readings"),
    "another XML": (lambda text: HEAD + "<html><body>Hello</body></html>", "no interval readings"),
    "gas": (lambda text: text.replace("<kind>0<", "<kind>1<"), "readings of gas; reporter reads electricity only"),
    "water": (lambda text: text.replace("<kind>0<", "<kind> 2 <"), "readings of water"),
    "therms": (lambda text: text.replace("<uom>72<", "<uom>169<"), r"neither energy nor power \(unit of measure 169\)"),
    "dials": (lambda text: text.replace("Behaviour>4<", "Behaviour>3<"), "dial that counts up"),
    "no reading type": (lambda text: re.sub(r"<ReadingType .*?</ReadingType>", "", text), "no reading type"),
    "daily": (lambda text: text.replace("<duration>3600<", "<duration>86400<"), "each reading is of 24 hours"),
    "no number": (lambda text: text.replace("<value>", "<value>x", 1), r"line \d+: the value 'x\d+' is no number"),
    "no start": (lambda text: re.sub(r"<start>\d+", "<start>", text, count=1), "<start> of a reading is ''"),
    "deep": (lambda text: HEAD + "<a>" * 1000 + "</a>" * 1000, "nested too deeply"),
    "long text": (lambda text: text.replace("<value>", "<value>" + "1" * 10_000, 1), "more than 4096 characters"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BROKEN))
def test_what_is_no_feed_of_electricity_is_one_sentence(case: str, text: str, tmp_path: Path) -> None:
    change, words = BROKEN[case]
    with pytest.raises(DataError, match=words) as caught:
        read(change(text), tmp_path)
    assert "feed.xml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["many entries", "one block", "an endless tag"])
def test_memory_does_not_grow_with_the_file(kind: str, tmp_path: Path) -> None:
    reading = "<IntervalReading><timePeriod><duration>900</duration><start>{}</start></timePeriod><value>7</value></IntervalReading>\n"
    path = tmp_path / "large.xml"
    with path.open("w") as out:
        out.write("<feed><entry><content><IntervalBlock>")
        for n in range(12_000):
            out.write("x" * 400 if kind == "an endless tag" and n else reading.format(n * 900))
            if n == 0 and kind == "an endless tag":
                out.write("<a b='")
            if kind == "many entries" and n % 10 == 9:
                out.write("</IntervalBlock></content></entry><entry><content><IntervalBlock>")
        out.write("</IntervalBlock></content></entry></feed>")
    rows = ReadingsFile(tmp_path / "rows.parquet")
    tracemalloc.start()
    try:
        if kind == "an endless tag":
            with pytest.raises(DataError, match="goes on without an end"):
                read_feed(path, rows, 0)
        else:
            read_feed(path, rows, 0)
            assert rows.rows + len(rows._columns[0]) == 12_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        rows.close()
    assert peak < 8_000_000
