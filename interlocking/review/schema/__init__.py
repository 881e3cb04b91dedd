"""What is known about the database before a statement runs, and what the statement does to it."""
