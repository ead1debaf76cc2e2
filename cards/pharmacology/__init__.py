"""Shared by cards: doses, body size, renal function, therapy history, products."""
