"""Wingman as real processes: `flask` and gunicorn in an environment of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.waiting import DEADLINE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def environment(**variables: str) -> dict[str, str]:
    """Return the variables of a process that inherits nothing but its PATH."""
    return {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "FLASK_APP": "backend.wsgi:application",
        "FLASK_ENV": "production",
        "FLASK_SKIP_DOTENV": "1",
        **variables,
    }


def run(*argv: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(
        argv,
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
