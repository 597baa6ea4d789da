"""An environment as a new user has it: no home, no variables, the book's pins."""

import os
from pathlib import Path


def clean_environment(home: Path, venv: Path) -> dict[str, str]:
    """The variables of a new user whose Python is the environment's."""
    mine = ("JUPYTER", "PYTHON", "IPYTHON", "VIRTUAL_ENV", "CREATIVE_CLUSTERS")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(mine)}
    path = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return kept | {"HOME": str(home), "PATH": path}
