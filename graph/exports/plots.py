"""Pictures of figures: a Lorenz curve, bars of shares, HHI over time with the bands of those who drew them.

The same figures give the same bytes: no clock, no random names, the font that comes with the library.
"""

import io
import itertools
from collections.abc import Sequence
from datetime import date
from threading import Lock
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure as Picture

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import Scoped
from civicgraph.graph.measures.bands import LINES
from civicgraph.graph.measures.concentration import Floats
from civicgraph.graph.measures.figure_columns import Figure

_BARS: Final = 15
_BLUE, _GREY = "#1f5a94", "#8a8f98"
_STYLE: Final[Any] = {
    "font.family": "DejaVu Sans", "font.size": 9, "svg.hashsalt": "civicgraph", "svg.fonttype": "none",
    "axes.spines.top": False, "axes.spines.right": False, "text.parse_math": False,
}  # fmt: skip
ONE_AT_A_TIME: Final = Lock()
"""The style of the library is of the whole process."""
_TOTALS: Final = "SELECT sum(weight) AS total FROM scoped WHERE left_out IS NULL GROUP BY supplier ORDER BY total"


class PlotError(ValueError):
    """There is nothing to draw, or no such kind of picture."""


def draw(rows: Scoped, found: Sequence[Figure], ending: str, *, over_time: bool = False) -> bytes:
    """Return a picture of figures.

    Parameters
    ----------
    rows
        The rows of the scope that the figures are of.
    found
        Of markets over time: HHI with its bounds and the bands of both authorities. Of parties: bars of the largest
        shares. Of markets: the Lorenz curve of the suppliers of the whole.
    ending
        `.png` or `.svg`.
    over_time
        Whether the figures are of periods one after the other.

    Raises
    ------
    PlotError
        Nothing is in scope, or the ending is another.
    """
    scope = rows.scope
    if ending.lower() not in (".png", ".svg"):
        msg = f"a picture is a .png or a .svg, not {ending or 'a file without an ending'}"
        raise PlotError(msg)
    with ONE_AT_A_TIME, mpl.rc_context(_STYLE):
        picture = Picture(figsize=(8, 4.8), layout="constrained")
        axes = picture.add_subplot()
        of_parties = bool(found) and "share" in found[0]
        if over_time and found and not of_parties:
            _over_time(axes, found)
        elif over_time:
            msg = "over time only figures by market are drawn"
            raise PlotError(msg)
        elif of_parties:
            _bars(axes, found)
        else:
            _lorenz(axes, rows.arrays(_TOTALS)["total"])
        account = rows.account
        covered = "nothing" if account.coverage is None else f"{account.coverage:.1%}"
        money = "" if account.coverage_money is None else f" and {account.coverage_money:.1%} of the money"
        rests_on = f"Rests on {covered} of {account.rows:,} rows in scope{money}."
        axes.set_title(f"{rows.title}: basis {scope.basis}{_period(scope)}", loc="left", fontsize=10)
        picture.supxlabel(rests_on, x=0.01, ha="left", fontsize=7)
        out = io.BytesIO()
        form = ending.lower().removeprefix(".")
        metadata = {"Date": None, "Creator": "civicgraph"} if form == "svg" else {"Software": "civicgraph"}
        picture.savefig(out, format=form, metadata=metadata)
        return out.getvalue()


def _lorenz(axes: Any, held: Floats) -> None:  # noqa: ANN401 - the library's axes are not typed
    held = np.sort(held[held > 0])
    if not len(held):
        msg = "nobody has anything in this scope, so there is nothing to draw"
        raise PlotError(msg)
    x = np.linspace(0, 1, len(held) + 1)
    y = np.concatenate([[0.0], np.cumsum(held) / held.sum()])
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, label="all equal")
    axes.plot(x, y, color=_BLUE, linewidth=1.8, label=f"{len(held):,} suppliers")
    axes.fill_between(x, y, x, color=_BLUE, alpha=0.12, linewidth=0)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="share of suppliers, the smallest first", ylabel="share of the market")
    axes.legend(frameon=False, loc="upper left")


def _bars(axes: Any, parties: Sequence[Figure]) -> None:  # noqa: ANN401 - as above
    largest = [one for one in parties if one["share"] > 0][:_BARS]
    if not largest:
        msg = "nobody has a share in this scope, so there is nothing to draw"
        raise PlotError(msg)
    rows = range(len(largest))
    axes.barh(rows, [100 * one["share"] for one in largest], color=_BLUE)
    # Names are what sources wrote: nothing in them is a formula.
    names = [(name if len(name) <= 42 else f"{name[:41]}…") for name in (one["name"] for one in largest)]  # noqa: PLR2004 - what fits beside the bars
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    more = len(parties) - len(largest)
    axes.set_xlabel("share, %" + (f"; {more:,} more are not shown" if more else ""))


def _over_time(axes: Any, figures: Sequence[Figure]) -> None:  # noqa: ANN401 - as above
    if all(figure["hhi"] is None for figure in figures):
        msg = "no period of this scope has an HHI, so there is nothing to draw"
        raise PlotError(msg)
    days = [date.fromisoformat(figure["from"]) for figure in figures]
    index = [np.nan if figure["hhi"] is None else figure["hhi"] for figure in figures]
    low, high = (
        [np.nan if bound is None else bound for bound in bounds]
        for bounds in ([one[name] for one in figures] for name in ("hhi_low", "hhi_high"))
    )
    axes.fill_between(days, low, high, color=_BLUE, alpha=0.15, linewidth=0, label="what missing weights allow")
    axes.plot(days, index, color=_BLUE, marker="o", markersize=3, linewidth=1.6, label="HHI")
    for (source, lines), style in zip(LINES.items(), ("--", ":"), strict=True):
        for line, name in zip(lines, itertools.chain([source], itertools.repeat(None)), strict=False):
            axes.axhline(line, color=_GREY, linestyle=style, linewidth=0.9, label=name)
    axes.set(ylabel="HHI", ylim=(0, None))
    axes.legend(frameon=False, fontsize=8)


def _period(scope: Scope) -> str:
    if scope.start is None and scope.end is None:
        return ""
    if scope.start == scope.end:
        return f", on {scope.start}"
    return f", {scope.start or '…'} to {scope.end or '…'}"
