"""demo and serve: the server, and the shortest way to it."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from civicgraph.api.commands.common import (
    DEFAULT_FOLDER,
    ERR,
    DataOption,
    UsageError,
    existing,
    note,
    say,
    step_in_words,
)
from civicgraph.api.commands.figures import print_figures
from civicgraph.api.commands.place import GraphStoreUrlOption, UpdateUrlOption
from civicgraph.api.settings import (
    DEFAULT_BYTES,
    DEFAULT_ROWS,
    DEFAULT_TIMEOUT,
    DEFAULT_WORKERS,
    Settings,
    StoreAddress,
    token,
)
from civicgraph.api.stores import remote_folder
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.snapshot.snapshot import DataFolder

HostOption = Annotated[str, typer.Option(help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any that is free.")]
TimeoutOption = Annotated[
    float, typer.Option(min=1, envvar="CIVICGRAPH_TIMEOUT", help="Seconds that one query may take.")
]
WorkersOption = Annotated[
    int, typer.Option(min=1, max=64, envvar="CIVICGRAPH_WORKERS", help="How many queries may run at once.")
]


def demo(
    *,
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    serve: Annotated[bool, typer.Option(help="Start the server at the end.")] = True,
    documents: Annotated[Path | None, typer.Option(metavar="DIR", help="The articles, to quote from.")] = None,
) -> None:
    """Load the seed facts into a fresh data folder, print the concentration table, serve."""
    from civicgraph.seeds_loader.claims.documents import Documents  # noqa: PLC0415 - most commands load nothing
    from civicgraph.seeds_loader.load import load_claims  # noqa: PLC0415

    with _fresh_folder() as data:
        folder = DataFolder(data)
        if documents is not None:
            Documents(data).add_folder(documents)
        with (
            ERR.status("loading the seed facts") as status,
            as_file(files("civicgraph.seeds_loader") / "facts") as facts,
        ):
            result = load_claims(folder, [facts], progress=lambda step: status.update(step_in_words(step)))
        sources = len(result.manifest.sources) if result.manifest else 0
        note(f"{result.report.loaded} records of {sources} articles are loaded")
        with folder.edges() as table:
            print_figures(table, Scope(basis="customers"), "supplier")
            say("")
            print_figures(table, Scope(basis="services"), "market")
        if serve:
            run_server(Settings(data, token=token()), host, port)


def serve(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    *,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    workers: WorkersOption = DEFAULT_WORKERS,
    store: Annotated[
        str | None,
        typer.Option(
            envvar="CIVICGRAPH_STORE",
            metavar="URL|memory",
            help="A SPARQL server in place of a folder; or memory: a store that is in memory only.",
        ),
    ] = None,
    update_url: UpdateUrlOption = None,
    graph_store_url: GraphStoreUrlOption = None,
    max_rows: Annotated[int, typer.Option(min=1, help="How many rows or triples one answer may have.")] = DEFAULT_ROWS,
    max_bytes: Annotated[int, typer.Option(min=1, help="How many bytes one answer may have.")] = DEFAULT_BYTES,
    rate: Annotated[
        float | None,
        typer.Option(min=0.1, help="Requests a second that one client may make; 100 for those on other machines."),
    ] = None,
    access_log: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Write a line of JSON for each request; - is standard error.")
    ] = None,
    queries: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of stored queries of your own.", file_okay=False)
    ] = None,
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Serve the data folder over HTTP; what is loaded meanwhile is served from the next request on.

    Updates are answered if CIVICGRAPH_TOKEN is set, to those who send it; not over a SPARQL server.
    """
    in_memory = store == "memory"
    server = StoreAddress(store, update_url, graph_store_url) if store and not in_memory else None
    folder: Path | None = data
    if server is not None:
        remote_folder(data, server)  # a fault of the address is told here, and not by the first request
    elif not in_memory or _was_named(context):
        existing(data)
    else:
        folder = None
    settings = Settings(
        folder,
        timeout,
        workers,
        in_memory=in_memory,
        store=server,
        rows=max_rows,
        bytes=max_bytes,
        rate=rate,
        token=token(),
        access_log=access_log,
        queries=queries,
    )
    run_server(settings, host, port)


def _was_named(context: typer.Context) -> bool:
    source = context.get_parameter_source("data")
    return source is not None and source.name != "DEFAULT"


def run_server(settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted.

    Raises
    ------
    UsageError
        The address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()  # before the address is told: whoever reads it may come at once
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(
                f"cannot listen on {host}:{port}: {reason}", "name another with --port or --host"
            ) from error
        address = f"[{host}]" if ":" in host else host
        note(f"Serving at http://{address}:{listener.getsockname()[1]}/ (Ctrl-C ends it)")
        from civicgraph.api.app import create_app  # noqa: PLC0415 - and most commands serve nothing
        from civicgraph.api.server.uvicorn_server import answer_requests  # noqa: PLC0415 - half of the start-up time

        answer_requests(create_app(settings), listener)


@contextmanager
def _fresh_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="civicgraph-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
