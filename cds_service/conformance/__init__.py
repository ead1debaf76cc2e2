"""The conformance suite: what any CDS Hooks service answers, held against the requirements row by row."""
