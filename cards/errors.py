"""What can go wrong in the clinical layer.

CardsError
├── NotKnown           a fact could not be had or read; `consult` turns it into CannotTell
├── UndeclaredNeed     a card asked for data it does not list in its needs: a mistake in the card
└── InvalidKnowledge   a value set, a knowledge file or a case file is wrong: the start stops
"""


class CardsError(Exception):
    """Root of all errors of this package."""


class NotKnown(CardsError):
    """A fact is UNKNOWN: `what` names the data request (or fact), `why` says why; both stand on cards, in words."""

    def __init__(self, what: str, why: str = "") -> None:
        words = what.replace("_", " ")
        super().__init__(f"{words}: {why}" if why else words)
        self.what = what
        self.why = why


class UndeclaredNeed(CardsError):
    """A card read a fact outside its declared needs."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what


class InvalidKnowledge(CardsError):
    """A data file of `cards/` cannot be used; the message names the file, what was found and what to write."""
