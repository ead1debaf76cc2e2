"""Minutes of load: `python -m tests.load` (docs/reliability.md)."""
