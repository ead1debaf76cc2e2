"""Cards about glycaemia, blood pressure and the autonomic nervous system in diabetes."""
