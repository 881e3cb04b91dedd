"""The stand-in's `railway`: commands, flags, JSON, streams, exit codes and error texts of version 5.43 (https://docs.railway.com/cli)."""
