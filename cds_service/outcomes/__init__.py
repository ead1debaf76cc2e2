"""What clinicians do with the cards, counted from the ledger: figures, plots, comments; for the operator alone."""
