"""Tables that stand for a larger one come from a script that anyone can run."""

import subprocess
import sys
from pathlib import Path

import pytest

BUILDERS = sorted(Path(__file__).parents[2].glob("data/builders/*.py"))


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda path: path.stem)
def test_builder_says_what_it_needs(builder: Path) -> None:
    done = subprocess.run(
        [sys.executable, builder, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda path: path.stem)
def test_builder_refuses_a_file_that_is_not_there(builder: Path, tmp_path) -> None:
    needed = builder.read_text(encoding="utf-8").count('add_argument("')
    missing = [str(tmp_path / f"missing-{n}.csv") for n in range(max(needed, 2))]
    done = subprocess.run(
        [sys.executable, builder, *missing], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert not list(tmp_path.iterdir())
