"""Readings written in the forms in which utilities have them: a long table in, a file out."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

ESPI = "http://naesb.org/espi"


def reading_type(
    number: str = "1", uom: int = 72, power: int = 0, flow: int | str = 1, more: str = ""
) -> str:
    return entry(
        f"ReadingType/{number}",
        "ReadingType",
        f"<ReadingType xmlns='{ESPI}'><accumulationBehaviour>4</accumulationBehaviour><commodity>1</commodity>"
        f"<flowDirection>{flow}</flowDirection><powerOfTenMultiplier>{power}</powerOfTenMultiplier><uom>{uom}</uom>{more}</ReadingType>",
        f"type-{number}",
    )


def entry(own: str, up: str, content: str, identity: str, related: Sequence[str] = ()) -> str:
    links = f"<link rel='self' href='{own}'/><link rel='up' href='{up}'/>"
    links += "".join(f"<link rel='related' href='{href}'/>" for href in related)
    return f"<entry><id>urn:uuid:{identity}</id>{links}<title>{identity}</title><content>{content}</content></entry>\n"


def usage_point(
    customer: str, kind: int | str = 0, meters: Sequence[str] = ("1",), types: Sequence[str] = ("1",)
) -> str:
    place = f"RetailCustomer/1/UsagePoint/{customer}"
    point = f"<UsagePoint xmlns='{ESPI}'><ServiceCategory><kind>{kind}</kind></ServiceCategory></UsagePoint>"
    text = entry(place, "RetailCustomer/1/UsagePoint", point, customer, [f"{place}/MeterReading"])
    for meter, kind_of in zip(meters, types, strict=True):
        own = f"{place}/MeterReading/{meter}"
        text += entry(
            own, f"{place}/MeterReading", f"<MeterReading xmlns='{ESPI}'/>", f"{customer}-{meter}",
            [f"{own}/IntervalBlock", f"ReadingType/{kind_of}"],
        )  # fmt: skip
    return text


def block(
    customer: str, frame: pd.DataFrame, seconds: int, meter: str = "1", number: int = 1, quality: str = ""
) -> str:
    """An interval block: columns ``timestamp`` (aware) and ``value``."""
    starts = (
        frame["timestamp"].dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]").astype("int64")
    )
    inside = "".join(
        f"<IntervalReading>{quality}<timePeriod><duration>{seconds}</duration><start>{start}</start></timePeriod>"
        f"<value>{value}</value></IntervalReading>\n"
        for start, value in zip(starts, frame["value"], strict=True)
    )
    own = f"RetailCustomer/1/UsagePoint/{customer}/MeterReading/{meter}/IntervalBlock"
    return entry(
        f"{own}/{number}",
        own,
        f"<IntervalBlock xmlns='{ESPI}'>{inside}</IntervalBlock>",
        f"{customer}-block-{number}",
    )


def local_time(
    offset: int = -18000, saving: int = 3600, end: str = "B40E2000", start: str = "360E2000"
) -> str:
    content = (
        f"<LocalTimeParameters xmlns='{ESPI}'><dstEndRule>{end}</dstEndRule><dstOffset>{saving}</dstOffset>"
        f"<dstStartRule>{start}</dstStartRule><tzOffset>{offset}</tzOffset></LocalTimeParameters>"
    )
    return entry("LocalTimeParameters/1", "LocalTimeParameters", content, "clock")


def feed(*entries: str) -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>\n{''.join(entries)}</feed>\n"


def green_button(frame: pd.DataFrame, path: Path, minutes: int, *entries: str, power: int = 0) -> Path:
    """A feed of all customers, a block a day; ``timestamp`` must be aware."""
    values = (frame["kwh"] * 1000).round().astype("int64")
    frame = frame.assign(value=values if power == 0 else (values / 10.0**power).round().astype("int64"))
    text = reading_type(power=power)
    for customer, own in frame.groupby("customer_id"):
        text += usage_point(str(customer))
        for number, (_, day) in enumerate(own.groupby(own["timestamp"].dt.date)):
            text += block(str(customer), day, minutes * 60, number=number)
    path.write_text(feed(*entries, text), encoding="utf-8")
    return path


def nem12(
    frame: pd.DataFrame, path: Path, minutes: int, suffix: str = "E1", unit: str = "kWh", factor: float = 1
) -> Path:
    """A NEM12 file of all customers; ``timestamp`` by the market's clock, naive."""
    lines = ["100,NEM12,202607010000,MDP1,Retailer1"]
    per_day = 24 * 60 // minutes
    for customer, own in frame.groupby("customer_id"):
        lines.append(f"200,{customer},{suffix},1,{suffix},N1,METER1,{unit},{minutes},")
        for day, rows in own.groupby(own["timestamp"].dt.date):
            place = (rows["timestamp"] - pd.Timestamp(str(day))) // pd.Timedelta(minutes=minutes)
            values = dict(zip(place, rows["kwh"] * factor, strict=True))
            cells = [f"{round(values[n], 6):g}" if n in values else "" for n in range(per_day)]
            lines.append(f"300,{day:%Y%m%d},{','.join(cells)},A,,,20260801000000,20260801000000")
    path.write_text("\n".join([*lines, "900"]) + "\n")
    return path
