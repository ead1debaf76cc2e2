"""The schema of the ledger, step by step; applied by `schema.py`."""
