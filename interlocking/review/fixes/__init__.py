"""Fixes: rewriting a revision, with its formatting kept, into the safe recipe where there is one right answer."""
