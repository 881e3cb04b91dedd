"""A revision that mixes phases, as the revisions to write instead."""
