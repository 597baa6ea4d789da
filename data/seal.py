"""Write into datapackage.json what can be counted: checksum, bytes, rows, and pages.

Run by `make seal` after a table was added or corrected, or a page began to use one.
Which pages use a table is read from the last build. Everything else in a table's
passport is written by hand, because someone has to know it.
"""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
RECORD = FOLDER.parent / "_build" / "record.json"  # what each page of a build used


def seal(folder: Path, record: Path) -> list[str]:
    """Seal every table of the package; return the names of those that changed."""
    pages: dict[str, Any] = {}
    if record.is_file():
        pages = json.loads(record.read_text(encoding="utf-8"))
    descriptor = folder / "datapackage.json"
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    changed = []
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        counted: dict[str, Any] = {
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "bytes": len(content),
            "rows": rows,
        }
        if pages:
            counted["usedBy"] = [
                page
                for page, known in pages.items()
                if resource["name"] in known.get("tables", [])
            ]
        if any(resource.get(key) != value for key, value in counted.items()):
            resource.update(counted)
            changed.append(resource["name"])
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    descriptor.write_text(text, encoding="utf-8")
    return changed


if __name__ == "__main__":
    print("Sealed:", ", ".join(seal(FOLDER, RECORD)) or "nothing had changed")
