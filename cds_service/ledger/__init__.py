"""The ledger: every card issued and every feedback received, without a patient's name, id or value.

Cards are written behind the answer and feedback before it. With the database out of reach, the service goes on
answering cards and refuses feedback.
"""
