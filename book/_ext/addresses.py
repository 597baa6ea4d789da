"""Note the addresses of the built book in ``book/addresses.yml``; none is dropped."""

import json
import sys
from pathlib import Path

import yaml
from clusters_book.anchors import NOTE, published, with_new

ROOT = Path(__file__).parents[2]
NOTED = ROOT / "book" / "addresses.yml"


def main() -> int:
    """Add what is new, and say how much that was."""
    record = ROOT / "_build" / "record.json"
    if not record.is_file():
        print("There is no built book to read: run `make book` first.", file=sys.stderr)
        return 1
    pages = list(json.loads(record.read_text(encoding="utf-8")))
    noted = yaml.safe_load(NOTED.read_text(encoding="utf-8")) if NOTED.exists() else {}
    both = with_new(noted or {}, published(ROOT / "_build" / "html", pages))
    text = yaml.safe_dump(both, sort_keys=False, allow_unicode=True)
    NOTED.write_text(NOTE + text, encoding="utf-8")
    new = count(both) - count(noted or {})
    print(f"{count(both)} addresses noted in book/addresses.yml, {new} of them new.")
    return 0


def count(noted: dict[str, dict[str, list[str]]]) -> int:
    """How many addresses these are, pages included."""
    return sum(1 + sum(map(len, kinds.values())) for kinds in noted.values())


if __name__ == "__main__":
    sys.exit(main())
