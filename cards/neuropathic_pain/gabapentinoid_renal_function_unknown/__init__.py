"""No usable renal function for a renally cleared drug (book 2.6)."""
