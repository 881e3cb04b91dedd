"""Local Railway: a stand-in for the `railway` executable and for the platform behind it, with real processes."""
