"""The version of ``facts.json``: apart from its model, so that who only reads the file imports nothing else."""

SCHEMA_VERSION = "2.0"
