"""Hepatitis B as the anti-CD20 rules need it."""
