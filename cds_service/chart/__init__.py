"""Turns FHIR answers into the facts that cards ask for."""
