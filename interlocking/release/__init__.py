"""The order of things on production: preflight, overrides, and the steps of a release."""
