"""Drugs that are infused: how an order lays them out, how much that is, which courses came before. Book 4, 5.1-5.5."""
