"""Segmentation → Targeting: whom to offer what, and what it is worth at the peak."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reporter.targets.attributes import read_customers
    from reporter.targets.catalogue import Catalogue, read_catalogue
    from reporter.targets.model import Targeting
    from reporter.targets.participation import read_enrolment
    from reporter.targets.targeting import target

__all__ = ["Catalogue", "Targeting", "read_catalogue", "read_customers", "read_enrolment", "target"]

_WHERE = {
    "Catalogue": "catalogue",
    "Targeting": "model",
    "read_catalogue": "catalogue",
    "read_customers": "attributes",
    "read_enrolment": "participation",
    "target": "targeting",
}


def __getattr__(name: str) -> Any:
    """What the room offers, imported when it is wanted: rows and a what-if need none of the clustering behind the rest."""
    import importlib

    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
