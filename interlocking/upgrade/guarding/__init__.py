"""The parts of the guard; `interlocking.upgrade.guard` is what `env.py` calls."""
