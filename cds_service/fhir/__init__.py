"""Reads FHIR as real senders write it: plain functions over dictionaries, standard library only, never raising on odd shapes."""
