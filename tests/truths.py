"""The book of outside truths: published figures of `docs/truths.yaml`, ours beside them, and the page of both.

    python tests/truths.py

works ours out on the shared data and writes `docs/truths.md` anew.
"""

import sys
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from civicgraph.graph.edges.filters import FILTERS, Filters
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.read import PREFIXES
from civicgraph.seeds_loader import load
from civicgraph.seeds_loader.load import load_claims
from civicgraph.seeds_loader.load_records import load_spend
from tests.figures import figures

ROOT: Final = Path(__file__).parents[1]
DATA: Final = ROOT.parent / "shared/data"
PAGE: Final = ROOT / "docs/truths.md"
BOOK: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docs/truths.yaml").read_text(encoding="utf-8"))
_HEAD: Final = """# Outside truths

Figures that others published, and what civicgraph makes of the same data. The page is made from
[truths.yaml](truths.yaml), to which a figure is added by a few lines; its head says how. A test works ours out anew and
fails where one no longer holds, or where one that did not hold has changed.

| figure | published | by | ours | |
|---|---:|---|---:|---|
"""


@dataclass(frozen=True)
class Truth:
    """A published figure."""

    told: dict[str, Any]

    @cached_property
    def figure(self) -> float:
        """The figure that was published."""
        return float(self.told["figure"])

    @property
    def is_open(self) -> bool:
        """Whether it is known not to hold, with a reason."""
        return "why" in self.told

    def holds(self, ours: float) -> bool:
        """Return whether a figure is as near as what was published allows."""
        return abs(ours - self.figure) <= float(self.told["within"]) * (1 + 1e-9)

    def row(self, ours: float) -> str:
        """Return its row of the page."""
        source = BOOK["sources"][self.told["source"]]
        where = source["where"]
        by = f"[{source['by']}]({where})" if where.startswith("http") else f"{source['by']}; {where}"
        is_share = isinstance(self.told["published"], str) and self.figure <= 1
        shown = f"{ours:.1%}" if is_share else f"{ours:,.0f}"
        verdict = self.told.get("why", "holds")
        return f"| {self.told['what']} | {self.told['published']} | {by}, {source['day']} | {shown} | {verdict} |\n"


TRUTHS: Final = [Truth(told) for told in BOOK["truths"]]


class Ours:
    """Our figures: each data set loaded once, into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, truth: Truth) -> float:
        """Return what we make of a figure."""
        told = truth.told
        folder = self._data(told["data"])
        if told["measure"] != "sparql":
            return self._measured(folder, told)
        prefixes = "".join(f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items())
        with folder.open() as snapshot:
            row = next(iter(snapshot.engine.select(prefixes + told["query"])))
            assert row["ours"] is not None
            return float(row["ours"].value)

    def _data(self, name: str) -> DataFolder:
        folder = DataFolder(self._folder / name)
        if not folder.path.exists():
            given = BOOK["data"][name]
            if given["load"] == "claims":
                load_claims(folder, sorted((Path(load.__file__).parent / "facts").glob("*.yaml")))
            else:
                load_spend(folder, [DATA / given["path"]])
        return folder

    def _measured(self, folder: DataFolder, told: dict[str, Any]) -> float:
        asked = {FILTERS[name].name: value for name, value in told.get("filters", {}).items()}
        given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in asked.items()}
        filters = replace(Filters(basis="spend"), **given)
        measure, side = told["measure"], "buyer" if "buyer" in told["measure"] else "supplier"
        with folder.edges() as table:
            whole = figures(table, filters.scope(table), "market")[0]
            if measure in ("total", "suppliers", "buyers"):
                return float(whole[measure])
            if measure == "share":
                period = Filters(basis="spend", start=filters.start, end=filters.end)
                every = figures(table, period.scope(table), "market")[0]
                return float(whole["total"] / every["total"])
            parties = sorted((one["total"] for one in figures(table, filters.scope(table), side)), reverse=True)  # type: ignore[arg-type]
            n = float(told["n"])
            if measure.startswith("top_"):
                return float(sum(parties[: int(n)]) / sum(parties))
            return float(sum(total > n for total in parties))


def page(ours: dict[str, float]) -> str:
    """Return the page, given our figures by what they are of."""
    return _HEAD + "".join(truth.row(ours[truth.told["what"]]) for truth in TRUTHS)


def work_out(folder: Path) -> dict[str, float]:
    """Return all our figures, by what they are of."""
    ours = Ours(folder)
    return {truth.told["what"]: ours.of(truth) for truth in TRUTHS}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        found = work_out(Path(scratch))
    PAGE.write_text(page(found), encoding="utf-8")
    sys.exit(any(truth.holds(found[truth.told["what"]]) == truth.is_open for truth in TRUTHS))
