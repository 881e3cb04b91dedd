"""The rules: what each statement of a revision does to a running application."""

from interlocking.review.hazards import HAZARDS
from interlocking.review.rules.judge import judge

__all__ = ["HAZARDS", "judge"]
