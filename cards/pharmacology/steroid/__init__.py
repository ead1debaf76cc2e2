"""Systemic corticosteroids: what they are worth in prednisone, how much, how long, and when they are no option."""
