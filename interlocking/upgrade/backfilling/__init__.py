"""What `backfill` does: batches along a key, each a transaction of its own."""
