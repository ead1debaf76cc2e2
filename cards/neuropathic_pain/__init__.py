"""Cards on drugs for neuropathic pain (book 2, 3.1-3.5)."""
