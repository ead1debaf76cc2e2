"""Pregabalin above the label maximum for renal function (book 2.2)."""
