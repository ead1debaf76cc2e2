"""Pregabalin below the target dose for neuropathic pain (book 2.1)."""
