"""Reads FHIR as real senders write it: plain functions over dictionaries that never raise on odd shapes."""
