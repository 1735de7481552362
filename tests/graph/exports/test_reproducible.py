"""Every export is the same bytes in another process, whose sets and dictionaries of texts have another order."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import hashlib, io, sys, tempfile
from datetime import date
from pathlib import Path
from civicgraph.graph.exports.gexf import gexf
from civicgraph.graph.exports.forms import graphml
from civicgraph.graph.exports.picture import picture
from civicgraph.graph.exports.quads import write_trig
from civicgraph.graph.exports.options import VIEWS, Options
from civicgraph.graph.exports.forms import edges_csv, nodes_csv
from civicgraph.graph.exports.views import draw
from civicgraph.graph.measures.figures import figures_of
from civicgraph.graph.snapshot.derive import edges_of_store
from civicgraph.graph.edges.scope import Scope
from civicgraph.seeds_loader.load import engine_in_memory

engine = engine_in_memory([Path(sys.argv[1])])
table = edges_of_store(engine, Path(tempfile.mkdtemp()))
out = io.BytesIO()
write_trig(engine.quads(), out)
for view in VIEWS:
    drawing = draw(view, table, engine, options=Options(shared=1))
    for write in (gexf, graphml, nodes_csv, edges_csv):
        out.writelines(write(drawing))
out.write(picture(draw("network", table, engine, Scope(start=date(2010, 1, 1))), "svg"))
for by in ("market", "supplier", "buyer"):
    with table.scoped(Scope()) as found:
        out.write(repr(figures_of(table, found, by)).encode())
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
