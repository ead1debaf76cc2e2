"""The CDS Hooks protocol, read and written; its endpoints are in hook_endpoints.py."""
