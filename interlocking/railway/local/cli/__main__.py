"""The front door of the executable: its first argument is the world's folder, the rest is what was typed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from interlocking.railway.local.cli.app import main
from interlocking.railway.local.state import World

if __name__ == "__main__":
    streams = (sys.stdin, sys.stdout, sys.stderr)
    sys.exit(main(World(Path(sys.argv[1])), sys.argv[2:], os.environ, streams))
