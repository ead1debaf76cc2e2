"""The playground: choose a patient and an order, and see the cards as an EHR would show them, and why."""
