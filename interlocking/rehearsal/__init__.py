"""Proof before the fact: what a revision does, found out where it can do no harm."""
