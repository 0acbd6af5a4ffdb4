"""Days of customers → Technology: what their loads say about cars, panels, heating, cooling and hot water."""

from reporter.technology.model import CUSTOMER_COLUMNS, Technology

__all__ = ["CUSTOMER_COLUMNS", "Technology"]
