"""The language in which cases are written: YAML in clinical words → FHIR resources → hook requests (docs/cases.md)."""
