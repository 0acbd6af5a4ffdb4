"""One module a format, each with ``NAME``, ``matches(path)`` and ``read(files, engine, settings)``.

``read`` gives an Ibis table with customer_id (string), stamp (timestamp, UTC where the stamps carried an offset) and
value (float64), the unit of the value, and whether the stamps carried an offset.
"""
