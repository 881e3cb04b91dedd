"""How a result reaches a person or a machine. Reached from `interlocking.tasks` alone."""
