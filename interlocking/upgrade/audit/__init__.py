"""The record of what was applied, by whom and from which file."""
