"""Make the three Civic Tech Toronto tables: meetups, venues and ties, without persons.

Input is a folder with ``civictech_meetups.csv``, ``civictech_venues.csv`` and
``civictech_edges.csv``, re-tabulated from https://github.com/CivicTechTO/archives
(CC BY-NC-SA 4.0, commit f1f24d121c4cf9d1a2c0c7233b292d816e1d58c7). The results are
adapted material and stay under CC BY-NC-SA 4.0. What is changed on the way:

* every edge to a speaker is left out, also the running id; counts of speakers remain;
* titles, descriptions and links of meetups were never taken over;
* the stand-in "NO_VENUE_ONLINE" is not a venue and is left out;
* four misspelt labels of organisations are mended, and a doubled topic dropped;
* numbers of meetups by venue and locators, which can be counted or made up from the
  other columns, are left out.

Run it as ``python data/builders/civictech.py FOLDER data/civictech``.
"""

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

Row = dict[str, str]

NOT_A_VENUE = "NO_VENUE_ONLINE"
MENDED = {
    "['AccessNow']": "AccessNow",
    "_organizations/Lighthouse Labs": "Lighthouse Labs",
    "Council of Canadian Innovators": "The Council of Canadian Innovators",
    "Inter - Access": "InterAccess",
}
TIES = {
    "venue": "venue",
    "host_organisation": "host organisation",
    "speaker_organisation": "speaker organisation",
}


def read(path: Path) -> list[Row]:
    """Read a CSV file, one dictionary a row."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write rows of the same columns as a CSV file with plain line ends."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def mended(organisation: str) -> str:
    """An organisation's name, its spelling mended where the archive's is not a name."""
    return MENDED.get(organisation, organisation)


def meetups(rows: list[Row], venues: list[Row]) -> list[Row]:
    """One row a meetup: date, mode, venue, counts of speakers, topics."""
    known = {venue["venue_id"] for venue in venues}
    return [
        {
            "meetup_number": row["meetup_number"],
            "date": row["date"],
            "via": row["via"],
            "venue_id": row["venue_id"] if row["venue_id"] in known else "",
            "n_speakers": row["n_speakers"],
            "n_first_time_speakers": row["n_first_time_speakers"],
            "topics": "; ".join(dict.fromkeys(filter(None, row["topics"].split("; ")))),
            "video_recorded": {"1": "true", "0": "false"}[row["video_recorded"]],
        }
        for row in rows
    ]


def places(rows: list[Row]) -> list[Row]:
    """One row a venue: what it is, who runs it, where it lies."""
    return [
        {
            "venue_id": row["venue_id"],
            "venue": row["venue"],
            "category": row["venue_category"],
            "hub_type": row["hub_type"],
            "organisation": mended(row["organisation"]),
            "closed": "true" if row["status_flag"] == "closed" else "false",
            "address": row["address"],
            "latitude": row["lat"],
            "longitude": row["lon"],
            "geo_precision": row["geo_precision"],
        }
        for row in rows
        if row["venue"] != NOT_A_VENUE
    ]


def ties(rows: list[Row]) -> list[Row]:
    """One row a tie of a meetup to a venue or an organisation, never to a person."""
    unique = {
        (row["meetup_number"], TIES[row["node_type"]], mended(row["node"])): row
        for row in rows
        if row["node_type"] in TIES
    }
    return [
        {"meetup_number": number, "tie": tie, "node": node, "kind": row["node_role"]}
        for (number, tie, node), row in unique.items()
    ]


def build(folder: Path, to: Path) -> None:
    """Write the three tables."""
    venues = places(read(folder / "civictech_venues.csv"))
    write(to / "civictech_venues.csv", venues)
    held = meetups(read(folder / "civictech_meetups.csv"), venues)
    write(to / "civictech_meetups.csv", held)
    write(to / "civictech_ties.csv", ties(read(folder / "civictech_edges.csv")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the three raw files")
    parser.add_argument("to", type=Path, help="folder to write the three tables to")
    arguments = parser.parse_args()
    build(arguments.folder, arguments.to)
