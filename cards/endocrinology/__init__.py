"""Diabetes as the ordering rules need it."""
