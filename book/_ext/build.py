"""Build the book: Jupyter Book's own configuration, strict, on all cores.

Differs from ``jupyter-book build`` in what that command cannot be told: warnings of
any kind fail the build, references are checked one by one, pages run in parallel.
"""

import argparse
import gc
import json
import os
import sys
import time
import types
from pathlib import Path

# A page's tree is many objects and none is garbage before the page is done: to look for
# some after every 700, as Python does, takes a tenth of the time of a build.
gc.set_threshold(100_000)

# jsonschema imports this where it is installed and compiles 39 grammars with it: three
# seconds at every start, for checks of addresses that a build never makes.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

# sphinxext-opengraph loads matplotlib for cards of its own, which this book has not.
no_cards = types.ModuleType("sphinxext.opengraph._social_cards")
no_cards.__dict__.update(DEFAULT_SOCIAL_CONFIG={}, create_social_card=None)
sys.modules[no_cards.__name__] = no_cards

from jupyter_book.sphinx import build_sphinx  # noqa: E402

ROOT = Path(__file__).parents[2]


def build(out: Path, *, fresh: bool = False, jobs: int | None = None) -> bool:
    """Build HTML into ``out/html``; return whether it is whole."""
    result = build_sphinx(
        ROOT / "book",
        out / "html",
        path_config=ROOT / "_config.yml",
        noconfig=True,
        confoverrides={
            "latex_individualpages": False,
            "nitpicky": True,
        },
        builder="html",
        warningiserror=True,
        keep_going=True,
        freshenv=fresh,
        jobs=jobs or os.cpu_count() or 1,
    )
    return bool(result == 0)  # on some errors it returns the exception instead


def report(out: Path, seconds: float) -> str:
    """Say how long each page's code ran and where the book lies."""
    pages = json.loads((out / "record.json").read_text(encoding="utf-8"))
    ran = {page: p["seconds"] for page, p in pages.items() if p["seconds"] is not None}
    slowest_first = sorted(ran.items(), key=lambda item: -item[1])
    lines = [f"  {took:6.1f} s  {page}" for page, took in slowest_first]
    return "\n".join(
        [
            f"\n{len(pages)} pages in {seconds:.1f} s. "
            "Computing time of each page with code, when it last ran:",
            *lines,
            f"\nThe book is here: {(out / 'html' / 'index.html').as_uri()}",
        ]
    )


def main() -> int:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "_build")
    parser.add_argument("--fresh", action="store_true", help="read every page anew")
    parser.add_argument("--jobs", type=int, help="processes; all cores without it")
    options = parser.parse_args()
    out = options.out.resolve()
    start = time.perf_counter()
    if not build(out, fresh=options.fresh, jobs=options.jobs):
        print("\nThe book was not built: see the messages above.", file=sys.stderr)
        return 1
    print(report(out, time.perf_counter() - start))
    return 0


if __name__ == "__main__":
    code = main()
    # What is left goes with the process: to look through it for garbage once more, as
    # Python does on its way out, takes a second and more.
    gc.freeze()
    sys.exit(code)
