"""Whether applied revisions still are what was applied."""
