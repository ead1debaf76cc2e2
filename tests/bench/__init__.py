"""The figures of docs/performance.md: `python -m tests.bench`."""
