"""Cancer as the ordering rules need it."""
