"""What the documentation claims about speed, measured: `python -m benchmarks`."""
