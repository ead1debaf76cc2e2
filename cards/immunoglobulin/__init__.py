"""Intravenous immunoglobulin (IVIG)."""
