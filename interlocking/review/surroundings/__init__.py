"""What stands around the revisions: `env.py`, the models at two commits, the sizes of tables."""
