"""Every export is the same bytes in another process, whose sets and dictionaries of texts have another order."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import hashlib, io, sys
from datetime import date
from pathlib import Path
from civicgraph.graph.exports.gexf import write_gexf
from civicgraph.graph.exports.graphml import write_graphml
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.exports.sheets import edges_csv, nodes_csv
from civicgraph.graph.measures.figures import as_row, figures
from civicgraph.graph.network import build_network
from civicgraph.graph.scope import Scope, in_period
from civicgraph.seeds_loader.load import engine_in_memory

engine = engine_in_memory([Path(sys.argv[1])])
whole = build_network(engine)
part, _ = in_period(whole, date(2020, 1, 1), None)
out = io.BytesIO()
write_trig(engine.store, out)
for network in (whole, part):
    write_gexf(network, out, "title")
    write_graphml(network, out)
    out.write((nodes_csv(network) + edges_csv(network)).encode())
    for by in ("market", "supplier", "buyer"):
        out.write(repr([as_row(figure) for figure in figures(network, Scope(), by)]).encode())
print(len(out.getvalue()), hashlib.sha256(out.getvalue()).hexdigest())
"""


def test_exports_do_not_depend_on_the_process(facts: Path) -> None:
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(facts)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        found.add(done.stdout)
    (line,) = found
    assert int(line.split()[0]) > 100_000
