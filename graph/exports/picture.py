"""A drawing as a picture to print: the largest nodes with their strongest edges, named, with a key and the source.

A picture of everything is a hairball, and says nothing. So it takes the largest nodes and of the edges among them
each node's strongest few, says in its subtitle how many of how many those are, and lays them out afresh. A large node
with no edge among the large ones comes with the strongest that it has: no small partner leaves it out.
"""

import io
import textwrap
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import networkx as nx
import numpy as np

from civicgraph.graph.exports.cells import colour
from civicgraph.graph.exports.drawing import LICENCE, SOURCE, Drawing, EdgeRow, Node
from civicgraph.graph.exports.layout import REACH, Numbers, layout
from civicgraph.graph.exports.network_view import SHARES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PictureFormat = Literal["svg", "png"]

MOST_NODES: Final = 60
STRONGEST: Final = 2
_WIDTH, _HEIGHT = 16.5, 11.7  # inches: A3, landscape
_DOTS: Final = 150
_LEFT: Final = 0.16  # the key stands to the left of the drawing
_ACROSS: Final = REACH * (0.98 - _LEFT) * _WIDTH / (0.83 * _HEIGHT)
_LONGEST: Final = 34
_LINE: Final = 200
"""Characters of the small print on a line."""
_HEADING: Final = 80
_MARGIN: Final = 12.0  # pixels
_GREY: Final = "#8a8a8a"
_LINES: Final = ("-", "--", ":", "-.", (0, (9, 3)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 4)))
_AROUND: Final = (
    *((1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8)),
    *((0, 1.8), (0, -1.8)),
)
"""Where a name may stand about its node, the best place first."""


class _Shown(NamedTuple):
    """What is in a picture; `among` is how many edges there are between its nodes."""

    nodes: Sequence[Node]
    edges: Sequence[EdgeRow]
    among: int


def picture(drawing: Drawing, form: PictureFormat, most: int = MOST_NODES) -> bytes:
    """Return a picture of a drawing, the same bytes for the same drawing.

    Parameters
    ----------
    drawing
        What to show.
    form
        `svg` or `png`.
    most
        How many nodes to show at most.
    """
    import matplotlib as mpl  # noqa: PLC0415 - half a second that only pictures need
    from matplotlib.figure import Figure  # noqa: PLC0415

    from civicgraph.graph.exports.plots import ONE_AT_A_TIME  # noqa: PLC0415 - as above

    shown = _chosen(drawing, most)
    with (
        ONE_AT_A_TIME,
        mpl.rc_context({"svg.hashsalt": "civicgraph", "svg.fonttype": "path", "font.family": "DejaVu Sans"}),
    ):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DOTS)
        axes = figure.add_axes((_LEFT, 0.07, 0.98 - _LEFT, 0.83))
        axes.set_axis_off()
        if shown.nodes:
            _draw(figure, axes, shown)
        else:
            axes.text(0.5, 0.5, "Nothing is in this view", ha="center", va="center", transform=axes.transAxes, size=20)
        _write_words(figure, drawing, shown)
        out = io.BytesIO()
        metadata = {"Date": None, "Creator": "civicgraph"} if form == "svg" else {"Software": "civicgraph"}
        figure.savefig(out, format=form, metadata=metadata)
    return out.getvalue()


def _chosen(drawing: Drawing, most: int) -> _Shown:
    ordered = sorted(drawing.nodes(), key=lambda node: (-node.size, node.id))
    named = {node.id for node in ordered[:most]}
    edges = sorted(drawing.edges(), key=lambda edge: (-_strength(edge), edge.id))
    among = [edge for edge in edges if edge.source in named and edge.target in named]
    alone = named - {end for edge in among for end in (edge.source, edge.target)}
    for edge in edges:
        if ends := {edge.source, edge.target} & alone:
            among.append(edge)
            alone -= ends
    of_node: dict[str, list[EdgeRow]] = defaultdict(list)
    for edge in among:
        of_node[edge.source].append(edge)
        of_node[edge.target].append(edge)
    strongest = {edge.id for some in of_node.values() for edge in some[:STRONGEST]}
    return _Shown(
        [node for node in ordered if node.id in named or node.id in of_node],
        [edge for edge in among if edge.id in strongest],
        len(among),
    )


def _strength(edge: EdgeRow) -> float:
    first = edge.values[0]
    return float(first) if isinstance(first, Decimal) else edge.weight


def _draw(figure: "Figure", axes: "Axes", shown: _Shown) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(node.id for node in shown.nodes)
    for edge in shown.edges:
        graph.add_edge(edge.source, edge.target, edge.kind)
    sizes = np.array([node.size for node in shown.nodes])
    radii = 9 + 36 * (sizes - sizes.min()) / max(float(np.ptp(sizes)), 1e-9)
    places = _filling(layout(graph, radii * 1.6))
    axes.set_xlim(-1.12 * _ACROSS, 1.12 * _ACROSS)
    axes.set_ylim(-1.08 * REACH, 1.08 * REACH)
    at = dict(zip(graph, places.tolist(), strict=True))
    areas = [(2 * _points(figure, axes, float(radius))) ** 2 for radius in radii]
    kinds = sorted({edge.kind for edge in shown.edges})
    styles: Any = [_LINES[kinds.index(edge.kind) % len(_LINES)] for edge in shown.edges]
    strengths = np.array([_strength(edge) for edge in shown.edges])
    widths = 0.6 + 4.0 * np.sqrt(np.maximum(strengths, 0) / max(float(strengths.max(initial=0)), 1e-9))
    nx.draw_networkx_edges(
        graph,
        at,
        ax=axes,
        edgelist=[(edge.source, edge.target, edge.kind) for edge in shown.edges],
        width=widths.tolist(),
        style=styles,
        edge_color=_GREY,
        alpha=0.75,
        arrowstyle="-" if kinds == [SHARES] else "-|>,head_width=0.18,head_length=0.36",
        arrowsize=10,
        node_size=areas,
        connectionstyle="arc3,rad=0.08",
    )
    colours = [_unit(node.kind) for node in shown.nodes]
    nx.draw_networkx_nodes(graph, at, ax=axes, node_size=areas, node_color=colours, edgecolors="white", linewidths=1.0)
    _write_labels(figure, axes, shown.nodes, places, radii)
    _write_key(figure, shown, kinds)


def _filling(places: Numbers) -> Numbers:
    """Return the places spread over the sheet, which is wider than high, without drawing them out more than by half."""
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.array((_ACROSS, REACH)) / np.maximum((high - low) / 2, 1e-9)
    return np.asarray((places - (low + high) / 2) * np.minimum(room, 1.7 * room.min()))


def _points(figure: "Figure", axes: "Axes", length: float) -> float:
    """Return a length of the drawing in printer's points."""
    low, high = axes.transData.transform(((0.0, 0.0), (0.0, length)))
    return float(high[1] - low[1]) * 72 / figure.dpi


def _write_labels(figure: "Figure", axes: "Axes", nodes: Sequence[Node], places: Numbers, radii: Numbers) -> None:
    """Name the nodes, the largest first: each where its name covers no other name and as few nodes as can be."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.patheffects import withStroke  # noqa: PLC0415
    from matplotlib.transforms import Bbox  # noqa: PLC0415

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call] # untyped in matplotlib
    reach = np.array([_points(figure, axes, float(radius)) * figure.dpi / 72 for radius in radii])
    pixels = axes.transData.transform(places)
    discs = [Bbox([middle - r, middle + r]) for middle, r in zip(pixels, reach, strict=True)]
    sheet = Bbox([(_MARGIN, 0.07 * figure.bbox.height), (figure.bbox.width - _MARGIN, 0.9 * figure.bbox.height)])
    taken: list[Bbox] = []
    for at in sorted(range(len(nodes)), key=lambda at: (-radii[at], nodes[at].id)):
        text = "\n".join(textwrap.wrap(textwrap.shorten(nodes[at].label, _LONGEST * 2, placeholder="…"), _LONGEST))
        label = axes.text(0, 0, text, size=8.5 + 3.5 * radii[at] / 45, zorder=3, color="#1a1a1a", linespacing=0.95)
        label.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
        extent = np.array(label.get_window_extent(renderer).size)
        centres = pixels[at] + np.array(_AROUND) * (reach[at] + 3 + extent / 2)
        areas = [Bbox([centre - extent / 2, centre + extent / 2]) for centre in centres]
        others = [*discs[:at], *discs[at + 1 :]]
        free = [
            area
            for area in areas
            if not area.count_overlaps(taken) and all(sheet.contains(*end) for end in area.get_points())
        ]
        if not free:
            label.remove()
            continue
        best = min(free, key=lambda area: area.count_overlaps(others))
        taken.append(best)
        label.set_position(tuple(axes.transData.inverted().transform(best.min)))
        label.set_verticalalignment("bottom")


def _write_key(figure: "Figure", shown: _Shown, kinds: Sequence[str]) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    counts = Counter(node.kind for node in shown.nodes)
    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=11, color=_unit(kind), label=f"{kind} ({count})")
        for kind, count in sorted(counts.items())
    ]
    if len(kinds) > 1:
        handles += [
            Line2D([], [], color=_GREY, linewidth=2, linestyle=_LINES[at % len(_LINES)], label=kind)
            for at, kind in enumerate(kinds)
        ]
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.015, 0.065), fontsize=10.5, frameon=False, handlelength=3.5
    )


def _unit(kind: str) -> tuple[float, float, float]:
    red, green, blue = colour(kind)
    return red / 255, green / 255, blue / 255


def _write_words(figure: "Figure", drawing: Drawing, shown: _Shown) -> None:
    heading = textwrap.shorten(drawing.title, _HEADING, placeholder="…")
    figure.text(0.02, 0.955, heading, size=24, weight="bold", color="#1a1a1a")
    figure.text(0.02, 0.925, _subtitle(drawing, shown), size=12.5, color="#444444")
    day = "" if drawing.day is None else f" Data up to {drawing.day:%d %B %Y}.".replace(" 0", " ")
    left_out = "" if not drawing.notes else f" {'; '.join(drawing.notes)}."
    small = textwrap.shorten(f"Source: {SOURCE}.{day}{left_out}", 3 * _LINE, placeholder=" …")
    lines = [*textwrap.wrap(small, _LINE), *textwrap.wrap(f"{LICENCE}.", _LINE)]
    figure.text(0.02, 0.008, "\n".join(lines), size=9, color="#555555", verticalalignment="bottom", linespacing=1.3)


def _subtitle(drawing: Drawing, shown: _Shown) -> str:
    by, nodes, edges = f"by {drawing.weighed_by}", len(drawing.graph), drawing.graph.number_of_edges()
    if len(shown.nodes) == nodes and len(shown.edges) == edges:
        return f"All {nodes:,} nodes and {edges:,} edges; sizes go {by}."
    first = f"{len(shown.nodes):,} of the largest of {nodes:,} nodes {by}"
    return f"{first}; of the {shown.among:,} edges among them, each node's {STRONGEST} strongest: {len(shown.edges):,}."
