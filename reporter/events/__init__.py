"""Events that happened: what they were worth, against baselines and a comparison group."""

from reporter.events.files import Event, Outages, read_events, read_outages

__all__ = ["Event", "Outages", "read_events", "read_outages"]
