"""Where nodes are drawn: a seeded force layout on numpy and scipy, fast enough for tens of thousands of nodes.

Forces are those of ForceAtlas2 [1]_ in its logarithmic mode: every two nodes repel each other by the product of their
degrees over their distance, ties attract by the logarithm of their length, and a weak pull holds all together. The
repulsion of many nodes is summed on a grid by a Fourier transform, which costs n + g log g where pairs cost n * n.
Nodes that cover each other are then moved apart.

References
----------
.. [1] M. Jacomy, T. Venturini, S. Heymann, M. Bastian, "ForceAtlas2, a Continuous Graph Layout Algorithm", PLoS ONE 9
   (2014), e98679.
"""

import math
from typing import TYPE_CHECKING, Final

import networkx as nx
import numpy as np
import scipy as sp  # its parts are read in where they are used: they take longer than many an export
from numpy.typing import NDArray

from civicgraph.graph.measures.structure import partners_in

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from civicgraph.graph.measures.structure import Graph

Numbers = NDArray[np.float64]

REACH: Final = 1000.0
"""No coordinate is further from zero."""

_MANY: Final = 5000
_GRIDS: Final = ((500, 64), (_MANY, 128), (math.inf, 256))
"""Points of a side of the grid, for so many nodes at most."""
_GRAVITY: Final = 1.0
_MOST_PAIRS: Final = 4_000_000
"""How many pairs of nodes within reach of each other are listed at most, to move them apart."""
_STEP: Final = 0.05
"""How far a node moves at first at most, as a part of the way to the furthest."""


def layout(graph: "Graph", sizes: Numbers | None = None, seed: int = 1) -> Numbers:
    """Return a position for each node, the same for the same input.

    Parameters
    ----------
    graph
        What to draw; direction and repetition of its edges do not matter.
    sizes
        The radius of each node, in the units of the positions; nodes are moved apart by it as far as there is room.
    seed
        Of the positions to start from.

    Returns
    -------
    numpy.ndarray
        One row of x and y a node, in their order, within `REACH` of zero.
    """
    count = len(graph)
    if count == 0:
        return np.zeros((0, 2))
    adjacency = sp.sparse.csr_array(nx.to_scipy_sparse_array(partners_in(graph)), dtype=np.float64)
    positions = _relaxed(adjacency, np.random.default_rng(seed))
    positions -= (positions.min(axis=0) + positions.max(axis=0)) / 2
    reach = np.abs(positions).max()
    if reach > 0:
        positions = positions * (REACH * 0.95 / reach)
    return _apart(positions, np.full(count, 4.0) if sizes is None else sizes)


def _relaxed(adjacency: "csr_array", random: np.random.Generator) -> Numbers:
    count = adjacency.shape[0]
    degrees = np.diff(adjacency.indptr).astype(np.float64)
    upper = adjacency.tocoo()
    once = upper.row < upper.col
    first, second = upper.row[once].astype(np.int64), upper.col[once].astype(np.int64)
    numbers = np.arange(len(first))
    incidence = sp.sparse.csr_array(
        (np.repeat((1.0, -1.0), len(first)), (np.concatenate((first, second)), np.concatenate((numbers, numbers)))),
        shape=(count, len(first)),
    )
    masses = degrees + 1
    positions = _start(adjacency, degrees, random) * 10 * math.sqrt(count)
    grid = _Grid(next(points for most, points in _GRIDS if count < most))
    rounds = 400 if count < _MANY else 200
    for left in range(rounds, 0, -1):
        forces = grid.repulsion(positions, masses) * masses[:, None]
        along = positions[first] - positions[second]
        lengths = np.hypot(along[:, 0], along[:, 1]) + 1e-9
        forces -= incidence @ (along * (np.log1p(lengths) / lengths)[:, None])
        forces -= _GRAVITY * masses[:, None] * positions / (np.hypot(positions[:, 0], positions[:, 1]) + 1e-9)[:, None]
        strengths = np.hypot(forces[:, 0], forces[:, 1]) / masses + 1e-9
        # Nobody moves further than the time that is left allows, or all would swing to and fro.
        furthest = _STEP * float(np.abs(positions).max(initial=1.0)) * left / rounds
        positions = positions + forces / masses[:, None] * (np.minimum(strengths, furthest) / strengths)[:, None]
    return positions


def _start(adjacency: "csr_array", degrees: Numbers, random: np.random.Generator) -> Numbers:
    """Return positions that neighbours share: a few steps of the power method towards the slowest modes of the walk."""
    count = len(degrees)
    positions = random.standard_normal((count, 2))
    weights, inverse = (degrees + 1) / (degrees + 1).sum(), 1 / np.maximum(degrees, 1)
    for _ in range(60):
        positions = 0.5 * (positions + inverse[:, None] * (adjacency @ positions))
        positions -= weights @ positions
        positions[degrees == 0] = 0  # nothing bounds them
        positions[:, 0] /= _length(weights, positions[:, 0])
        positions[:, 1] -= (weights @ (positions[:, 0] * positions[:, 1])) * positions[:, 0]
        positions[:, 1] /= _length(weights, positions[:, 1])
    far = np.hypot(positions[:, 0], positions[:, 1])
    positions *= (np.log1p(far) / np.maximum(far, 1e-9))[:, None]
    return positions + 0.05 * random.standard_normal((count, 2))


def _length(weights: Numbers, values: Numbers) -> float:
    length = math.sqrt(weights @ values**2)
    return length if length > 1e-9 else 1.0  # noqa: PLR2004 - in so small a part there is no such mode


class _Grid:
    """Sums repulsion on a square grid: masses go to the four nearest points, forces come back from them."""

    def __init__(self, points: int) -> None:
        self._points = points
        steps = np.fft.fftfreq(2 * points, 1 / (2 * points))
        across, down = np.meshgrid(steps, steps, indexing="ij")
        squares = across**2 + down**2
        squares[0, 0] = np.inf
        kernel = (across + 1j * down) / squares  # x as the real part, y as the imaginary
        kernel[points, :] = kernel[:, points] = 0
        self._kernel = sp.fft.fft2(kernel)

    def repulsion(self, positions: Numbers, masses: Numbers) -> Numbers:
        side = 2 * self._points  # twice as wide as what is on it, so that the transform does not wrap around
        low = positions.min(axis=0)
        step = max(float((positions.max(axis=0) - low).max()), 1e-9) / (self._points - 2)
        scaled = (positions - low) / step
        whole = np.floor(scaled).astype(np.int64)
        part = scaled - whole
        at = whole[:, 0] * side + whole[:, 1]
        corners = (
            ((1 - part[:, 0]) * (1 - part[:, 1]), at),
            (part[:, 0] * (1 - part[:, 1]), at + side),
            ((1 - part[:, 0]) * part[:, 1], at + 1),
            (part[:, 0] * part[:, 1], at + side + 1),
        )
        spread = np.zeros(side * side)
        for share, corner in corners:
            spread += np.bincount(corner, weights=masses * share, minlength=side * side)
        field = sp.fft.ifft2(sp.fft.fft2(spread.reshape(side, side)) * self._kernel).ravel()
        found = np.zeros(len(positions), dtype=np.complex128)
        for share, corner in corners:
            found += field[corner] * share
        return np.column_stack((found.real, found.imag)) / step


def _apart(positions: Numbers, sizes: Numbers, rounds: int = 30) -> Numbers:
    """Move nodes that cover each other apart, as far as the field allows."""
    spacing = 1.1 * sizes
    covered, field = float((np.pi * spacing**2).sum()), (2 * REACH) ** 2
    if covered > 0.5 * field:
        spacing = spacing * math.sqrt(0.5 * field / covered)
    widest = float(spacing.max()) if len(spacing) else 0.0
    for _ in range(rounds if len(positions) < 10 * _MANY else 5):
        tree = sp.spatial.cKDTree(positions)
        near = tree.query_ball_point(positions[:: max(1, len(positions) // 500)], 2 * widest, return_length=True)
        if float(np.mean(near)) * len(positions) >= _MOST_PAIRS:
            break
        pairs = tree.query_pairs(2 * widest, output_type="ndarray")
        if not len(pairs):
            break
        first, second = pairs[:, 0], pairs[:, 1]
        along = positions[second] - positions[first]
        distance = np.hypot(along[:, 0], along[:, 1])
        # Two in the same place part along a direction of their own numbers, so that it is the same each time.
        same = distance < 1e-9  # noqa: PLR2004
        turn = (first[same] * 12.9898 + second[same] * 78.233) % (2 * math.pi)
        along[same] = np.column_stack((np.cos(turn), np.sin(turn)))
        distance[same] = 1.0
        missing = spacing[first] + spacing[second] - np.where(same, 0.0, distance)
        close = missing > 0
        if not close.any():
            break
        push = along[close] * (missing[close] / distance[close] / 2)[:, None]
        moved = positions.copy()
        for axis in (0, 1):
            moved[:, axis] -= np.bincount(first[close], weights=push[:, axis], minlength=len(positions)) * 0.7
            moved[:, axis] += np.bincount(second[close], weights=push[:, axis], minlength=len(positions)) * 0.7
        positions = np.clip(moved, -REACH, REACH)
    return positions
