"""The stand-in's `railway`: commands, flags, JSON, streams, exit codes and error texts of the contract."""
