"""Usual names of columns and of what stands in them, plain: lower case, letters and digits only."""

import re
from typing import Literal

Unit = Literal["kwh", "wh", "kw", "mwh", "w"]

CUSTOMER = {
    "customerid", "customer", "custid", "customernumber", "customerno", "cust", "custno", "customercode", "clientid",
    "meterid", "meter", "meternumber", "meterno", "meterserial", "meterserialnumber", "meteridentifier", "meterpoint",
    "meteringpoint", "meteringpointid", "malo", "maloid", "mpan", "mpancore", "mprn", "icp", "icpid", "icpidentifier",
    "lclid", "usagepoint", "usagepointid", "servicepoint", "servicepointid", "spid", "sdpid", "servicedeliverypoint",
    "servicedeliverypointid", "deliverypoint", "deliverypointid", "pod", "podid", "prm", "pdl", "cups", "nmi", "esiid", "esid",
    "accountid", "account", "accountnumber", "accountno", "acctid", "contractaccount", "serviceaccount", "serviceaccountid",
    "serviceagreement", "serviceagreementid", "householdid", "household", "homeid", "houseid", "premiseid", "premise",
    "premisesid", "siteid", "dataid", "bldgid", "anonid", "anonymousid", "consumerid", "consumerno", "installationid",
}  # fmt: skip
CUSTOMER_WEAK = {"id", "site", "location", "locationid", "name", "building", "buildingid", "userid", "consumer", "serialnumber"}  # fmt: skip
"""Names that count where none of the others is there."""

TIMESTAMP = {
    "timestamp", "timestamputc", "timestamplocal", "datetime", "datetimeutc", "datetimelocal", "dateandtime", "datetimestamp",
    "tstamp", "tstp", "start", "starttime", "startdate", "startdatetime", "startdt", "begin", "begintime", "from",
    "intervalstart", "intervalstarttime", "intervalstartdatetime", "periodstart", "readingtime", "readingstart", "readtime",
    "readdatetime", "readingdatetime", "readdt", "usagedatetime", "intervaldatetime", "intervaltime", "timeutc", "utctime",
    "localtime", "ts", "stamp", "utc", "localminute", "local15min", "dthm", "zeitstempel", "horodatage", "fechahora",
}  # fmt: skip
END = {
    "end", "endtime", "enddate", "enddatetime", "enddt", "intervalend", "intervalendtime", "intervalenddatetime", "periodend",
    "readingend", "intervalending", "timeending", "hourending", "datetimeend", "to",
}  # fmt: skip
"""Names of a time that ends its interval; they count where no other time is there."""
DATE = {
    "date", "day", "readdate", "readingdate", "intervaldate", "usagedate", "settlementdate", "profiledate", "servicedate",
    "localdate", "consumptiondate", "meterdate", "datum", "fecha",
}  # fmt: skip
TIME = {"time", "starttime", "usagestarttime", "intervalstarttime", "intervalstart", "readtime", "readingtime", "timeofday", "start", "from", "uhrzeit", "hora"}  # fmt: skip
PERIOD = {
    "hour", "hr", "hh", "halfhour", "settlementperiod", "period", "periodnumber", "interval", "intervalnumber", "intervalno",
    "hourofday", "hourending", "he", "intervalid", "tradingperiod",
}  # fmt: skip
"""Names of a column that counts the intervals of a day."""

VALUE = {
    "kwh", "wh", "kw", "mwh", "w", "value", "energy", "energykwh", "energywh", "usage", "usagekwh", "usagewh", "usagevalue",
    "consumption", "consumptionkwh", "consumptionwh", "reading", "readingkwh", "readingvalue", "readvalue", "kwhhh",
    "energykwhhh", "kwhhhperhalfhour", "power", "powerkw", "powerw", "loadkw", "load", "kwhinterval", "intervalkwh", "kwhusage",
    "quantity", "intervalvalue", "intervalreading", "demand", "demandkw", "netkwh", "net", "netusage", "netusagekwh",
    "netconsumption", "electricity", "electricitykwh", "activepower", "activeenergy", "verbrauch", "verbrauchkwh", "watts", "kwhr", "watthour",
}  # fmt: skip
NET = {"net", "netkwh", "netusage", "netusagekwh", "netconsumption"}
IMPORT = {
    "import", "importkwh", "importwh", "importkw", "kwhimport", "imported", "importedkwh", "delivered", "deliveredkwh",
    "deliveredwh", "kwhdelivered", "energydelivered", "energydeliveredkwh", "usagedelivered", "consumption", "consumptionkwh",
    "fromgrid", "fromgridkwh", "gridimport", "gridimportkwh", "kwhdel", "usage", "usagekwh", "imp", "impkwh", "bezug", "activeimport",
}  # fmt: skip
EXPORT = {
    "export", "exportkwh", "exportwh", "exportkw", "kwhexport", "exported", "exportedkwh", "received", "receivedkwh",
    "receivedwh", "kwhreceived", "energyreceived", "energyreceivedkwh", "usagereceived", "generation", "generationkwh",
    "togrid", "togridkwh", "gridexport", "gridexportkwh", "kwhrec", "feedin", "feedinkwh", "exp", "expkwh", "einspeisung",
    "surplusgeneration", "activeexport",
}  # fmt: skip
UNITS = {"unit", "units", "uom", "unitofmeasure", "usageunits", "usageunit", "readingunit"}
CHANNEL = {
    "channel", "direction", "flow", "flowdirection", "register", "registertype", "nmisuffix", "suffix", "channelid", "stream",
    "channeltype", "consumptionsurplusgeneration", "importexport", "readtype", "energydirection", "measurement", "readingtype",
}  # fmt: skip
FLAG = {
    "estimated", "isestimated", "estimatedactual", "actualestimated", "estimateflag", "estimatedflag", "quality", "readquality",
    "readingquality", "qualityflag", "qualitycode", "qualitymethod", "dataquality", "readstatus", "readingstatus", "status",
}  # fmt: skip

TO_CUSTOMER = {
    "import", "imported", "imp", "delivered", "del", "d", "forward", "fwd", "consumption", "usage", "load", "fromgrid",
    "gridimport", "kwhdel", "kwhdelivered", "energydelivered", "electricusage", "electricityusage", "electric", "withdrawal",
    "delivery", "activeimport", "importactive", "kwhimport", "importkwh",
}  # fmt: skip
FROM_CUSTOMER = {
    "export", "exported", "exp", "received", "rec", "r", "reverse", "rev", "generation", "surplusgeneration", "togrid",
    "gridexport", "kwhrec", "kwhreceived", "energyreceived", "feedin", "injection", "production", "activeexport",
    "exportactive", "kwhexport", "exportkwh", "netgeneration", "surplus",
}  # fmt: skip
ESTIMATED = {
    "e", "est", "estimated", "estimate", "estimation", "true", "yes", "y", "1", "s", "sub", "substituted", "substitute",
    "f", "finalsubstituted", "calculated", "interpolated", "imputed", "filled", "edited",
}  # fmt: skip
OTHER_GOODS = {"therm", "therms", "thm", "ccf", "mcf", "hcf", "cf", "m3", "ft3", "gal", "gallon", "gallons", "cgal", "kgal", "btu", "mmbtu", "gj", "mj", "l", "litres"}  # fmt: skip
"""Units of gas and water."""
NO_ENERGY = {"kvarh", "varh", "kvar", "var", "kva", "va", "kvah", "vah", "v", "volt", "volts", "a", "amp", "amps", "hz", "pf"}  # fmt: skip
"""Units of channels that a meter has beside energy."""


def plain(name: str) -> str:
    """A name without case, spaces and signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def unit_of(name: str) -> Unit | None:
    """The unit that a column's name tells, or a cell that holds nothing but a unit."""
    text = plain(name)
    word = re.search(r"(?<![a-z])(mwh|kwh|wh|kw|w|watts?)(?![a-z])", name.lower().replace("_", " "))
    if word:
        return {"watt": "w", "watts": "w"}.get(word[1], word[1])  # type: ignore[return-value]
    if "mwh" in text:
        return "mwh"
    if "kwh" in text:
        return "kwh"
    if text.endswith("wh") or "watthour" in text:
        return "wh"
    return "kw" if text.endswith("kw") else None
