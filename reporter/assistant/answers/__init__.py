"""One function a query: what a run folder says about it."""
