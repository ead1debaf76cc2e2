"""Neuropathy: which pattern it has and how severe it is, shared by cards."""
