"""Requests nobody would send, made from the stories of fhir_fixtures/: `python -m tests.fuzz --help`."""
