"""What of ``facts.json`` others must know who only read the file: apart from its model, so that they import nothing else."""

SCHEMA_VERSION = "3.0"
FEWEST_FOR_A_CURVE = 3
"""Customers with something new whose mean is worth a figure; of fewer the text says all."""
