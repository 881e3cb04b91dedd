"""How revision files are read: run by a child, parsed, and looked at as Python."""
