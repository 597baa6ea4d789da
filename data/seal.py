"""Write into datapackage.json what can be counted: checksum, bytes and rows.

Run by `make seal` after a table was added or corrected. Everything else in a table's
passport is written by hand, because someone has to know it.
"""

import csv
import hashlib
import json
from pathlib import Path

FOLDER = Path(__file__).parent


def seal(folder: Path) -> list[str]:
    """Seal every table of the package; return the names of those that changed."""
    descriptor = folder / "datapackage.json"
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    changed = []
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        counted = {
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "bytes": len(content),
            "rows": rows,
        }
        if any(resource.get(key) != value for key, value in counted.items()):
            resource.update(counted)
            changed.append(resource["name"])
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    descriptor.write_text(text, encoding="utf-8")
    return changed


if __name__ == "__main__":
    print("Sealed:", ", ".join(seal(FOLDER)) or "nothing had changed")
