"""How often would the cards speak? `python -m tests.burden` replays usual orders on many charts and counts."""
