"""How often records are rightly taken for one contract: `python benchmarks/tying.py [--errors]`.

`contract_pairs.csv` beside this file has a line of a register and the award of a notice in each row, all of one
council, made up after the habits of real ones and read by hand: whether the two are one contract. No two of different
rows are. The lines are loaded as one register and the awards as one file of notices, by the commands' own functions.
Precision is the share of the ties made that are right, recall the share of the pairs that are one contract and were
tied.
"""

import argparse
import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from civicgraph.graph.snapshot.derive import decide_contracts
from civicgraph.graph.snapshot.identities import decide
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load_records import load_contracts, load_ocds

COUNCIL = "Ashby Council"
HEADERS = {
    "ref": "Contract reference",
    "title": "Title",
    "supplier": "Supplier",
    "start": "Start date",
    "end": "End date",
}
Row = Mapping[str, str]


def register(rows: Sequence[Row], path: Path) -> None:
    """Write the lines as a register."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADERS.values(), "Value"])
        writer.writerows([row[f"register {name}"] for name in (*HEADERS, "value")] for row in rows)


def notice(number: int, row: Row) -> dict[str, Any]:
    """Return an award as a release."""
    said = {name: row[f"notice {name}"] for name in (*HEADERS, "value")}
    supplier = {"id": "s", "name": said["supplier"]}
    award: dict[str, Any] = {"id": "1", "status": "active", "suppliers": [supplier]}
    award["contractPeriod"] = {f"{name}Date": f"{said[name]}T00:00:00Z" for name in ("start", "end") if said[name]}
    if said["value"]:
        award["value"] = {"amount": float(said["value"]), "currency": "GBP"}
    return {
        "ocid": f"ocds-b5fd17-{number}",
        "id": str(number),
        "date": "2023-01-01T00:00:00Z",
        "tag": ["award"],
        "parties": [{"id": "b", "name": COUNCIL, "roles": ["buyer"]}, {**supplier, "roles": ["supplier"]}],
        "buyer": {"id": "b", "name": COUNCIL},
        "tender": {"id": said["ref"], "title": said["title"]},
        "awards": [award],
    }


def numbers(folder: DataFolder, rows: Sequence[Row]) -> dict[str, int]:
    """Return the row of each contract, by its key."""
    titles = {row["register title"]: number for number, row in enumerate(rows)}
    found: dict[str, int] = {}
    for source in folder.kept_sources():
        path = source.rows()
        for line in path.read_text(encoding="utf-8").splitlines() if path else ():
            key, title = line.split("\t")[1], line.split("\t")[10]
            is_award = key.startswith("contract/ocds-")
            found[key] = int(key.split("-")[2]) if is_award else titles[title]
    return found


def main() -> None:
    """Print precision and recall, and with `--errors` every pair that was decided wrongly or left open."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true")
    errors = parser.parse_args().errors
    with (Path(__file__).parent / "contract_pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as name:
        folder, place = DataFolder(Path(name) / "data"), Path(name)
        register(rows, place / "ashby-council__2023.csv")
        lines = (json.dumps(notice(number, row)) + "\n" for number, row in enumerate(rows))
        (place / "awards.jsonl").write_text("".join(lines), encoding="utf-8")
        load_contracts(folder, [place / "ashby-council__2023.csv"])
        load_ocds(folder, [place / "awards.jsonl"])
        sources = folder.kept_sources()
        who = decide((mention for source in sources for mention in source.mentions()), ())
        decided = decide_contracts(sources, who, ())
        row_of = numbers(folder, rows)
    tied = [(row_of[merge.left], row_of[merge.right], merge.reason) for merge in decided.merges]
    asked = [(row_of[one.left], row_of[one.right], one.kind) for one in decided.doubtful]
    same = {number for number, row in enumerate(rows) if row["verdict"] == "same"}
    right = {one for one, other, _ in tied if one == other and one in same}
    left = {one for one, other, _ in asked if one == other and one in same} - right
    print(f"pairs that are one contract: {len(same)}; pairs that are two: {len(rows) - len(same)}")
    print(f"ties made: {len(tied)}, right: {len(right)}, precision {len(right) / len(tied):.3f}")
    print(
        f"recall {len(right) / len(same):.3f}, with those a person is asked about {len(right | left) / len(same):.3f}"
    )
    print(f"a person is asked about {len(asked)} pairs, of which {len(left)} are one contract")
    if errors:
        for one, other, why in (*tied, *asked):
            if one != other or one not in same:
                print(f"  {why}: {rows[one]['register title']} | {rows[other]['notice title']}")
        for number in sorted(same - right):
            print(f"  not tied: {rows[number]['register title']}")


if __name__ == "__main__":
    main()
