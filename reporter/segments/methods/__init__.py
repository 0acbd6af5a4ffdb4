"""Ways of grouping customers by shape, behind one protocol. A new one is one module and a line in ``method_of``."""

from reporter.segments.methods.base import Method, View
from reporter.segments.methods.choose import method_of

__all__ = ["Method", "View", "method_of"]
