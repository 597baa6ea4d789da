"""The workflows are valid, and pin each action to a major version."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_actionlint_has_nothing_to_say() -> None:
    actionlint = shutil.which("actionlint", path=Path(sys.executable).parent)
    assert actionlint, "actionlint is among the pins, but not beside this Python"
    # Linters of the machine would make the result depend on it.
    options = ["-no-color", "-shellcheck=", "-pyflakes="]
    done = subprocess.run(
        [actionlint, *options, *WORKFLOWS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.stem for path in WORKFLOWS] == ["links", "publish", "test"]


def test_actions_are_pinned() -> None:
    for path in WORKFLOWS:
        for used in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"actions/[\w-]+@v\d+", used), f"{path.name}: {used}"
