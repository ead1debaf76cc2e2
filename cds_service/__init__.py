"""The service: HTTP, CDS Hooks and FHIR; what it says about medicine comes from `cards`."""
