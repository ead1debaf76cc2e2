"""Rituximab and checkpoint inhibitors."""
