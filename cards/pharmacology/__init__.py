"""Shared by cards: doses, body size, therapy history, products. Infusions, kidneys and steroids have own rooms."""
