"""The misbehaviours a test can ask for with `World.trap`, one line each. Data alone."""

from __future__ import annotations

TRAPS = {
    # every command
    "network": "'down' (refused connection), 'html' (an outage page), 'ratelimited', 'no-data'",
    "noise": "True: telemetry, update and deprecation notices on stderr of every command",
    "key-order": "True: keys of JSON documents in random order",
    "version": "what `--version` says: an old CLI, or a later one",
    "status": "'refused': project tokens may not ask for `status`",
    # deployments
    "script": "[{'status': ..., 'asks': N | 'seconds': S}, ...]: the next deployments follow it, without processes",
    "null-meta": "True: deployments have no meta",
    "vanished": "True: the newest deployment is missing from `deployment list`",
    "superseded": "True: somebody else deploys right after the next `up`",
    # up
    "upload": "'413', '504', 'quota': the upload is refused",
    "verdict": "attached: 'none' (the log stream ends first: exit 0), 'stream-error' (no websocket: it polls), "
    "'old-cli' and 'status-error' (exit 1)",
    # run, ssh, connect
    "ssh": "'silent' (exit 0, nothing ran), 'unreachable' (255), 'unknown-host' (255), 'no-keys', 'unregistered'",
    "tunnel": "'not-ready' (ssh ends before it is up)",
    # configuration
    "commit": "'lost' (committed is false), 'refused' (the server's message)",
    "apply": "'failed-change' (exit 0), 'timeout', 'conflict' (etag)",
    # backups
    "backup": "N: a new backup appears after N more lists; 'never'; 'refused'",
    # the engine: see platform.py
    "build": "'fails'",
}
