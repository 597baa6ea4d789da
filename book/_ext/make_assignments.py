"""Make an Otter-Grader assignment of every lesson, in ``_build/assignments``.

They never go into the site: whoever has an autograder has the answers.
"""

import sys
from pathlib import Path

from copies import assignments, sets

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Make all assignments from the built book."""
    out = ROOT / "_build"
    try:
        source = sets.read_source(ROOT, out)
        made = assignments.make_all(source, out / "assignments")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for folder in made:
        print(folder.as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
