"""The platform: the CLI, railway.toml, the live service configuration, and Local Railway."""
