"""Medicine: what a careful colleague would say about an order. No HTTP, no FHIR."""
