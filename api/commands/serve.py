"""demo and serve: the server, and the shortest way to it."""

import socket
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from civicgraph.api.commands.common import UsageError, existing, note, progress, say
from civicgraph.api.settings import Settings, token
from civicgraph.api.stores import folder_at
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.snapshot.snapshot import DataFolder

HostOption = Annotated[str, typer.Option(help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any that is free.")]


def demo(
    *,
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    serve: Annotated[bool, typer.Option(help="Start the server at the end.")] = True,
    documents: Annotated[Path | None, typer.Option(metavar="DIR", help="The articles, to quote from.")] = None,
) -> None:
    """Load the seed facts into a fresh data folder, print the concentration table, serve."""
    from civicgraph.api.commands.print_figures import print_figures  # noqa: PLC0415 - only the demo prints and loads
    from civicgraph.api.figures.figure_options import FigureOptions  # noqa: PLC0415
    from civicgraph.seeds_loader.claims.documents import Documents  # noqa: PLC0415
    from civicgraph.seeds_loader.load import load_claims  # noqa: PLC0415

    with TemporaryDirectory(prefix="civicgraph-demo-", ignore_cleanup_errors=True) as made:
        data = Path(made)
        folder = DataFolder(data)
        if documents is not None:
            Documents(data).add_folder(documents)
        with progress("loading the seed facts") as step, as_file(files("civicgraph.seeds_loader") / "facts") as facts:
            result = load_claims(folder, [facts], progress=step)
        sources = len(result.manifest.sources) if result.manifest else 0
        note(f"{result.report.loaded} records of {sources} articles are loaded")
        with folder.edges() as table:
            for scope, options in (
                (Scope(basis="customers"), FigureOptions("supplier")),
                (Scope(basis="services"), FigureOptions("market")),
            ):
                with table.scoped(scope) as found:
                    print_figures(found, options.of(table, found), options)
                say("")
        if serve:
            run_server(Settings(data, token=token()), host, port)


def serve(
    *,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    settings: Settings,
) -> None:
    """Serve the data folder over HTTP; what is loaded meanwhile is served from the next request on.

    With --store memory the store is in memory only. Updates are answered if CIVICGRAPH_TOKEN is set, to those who send
    it; not over a SPARQL server.
    """
    if settings.is_remote:
        folder_at(settings)  # a fault of the address is told here, and not by the first request
    elif not settings.store or settings.data is not None:
        settings = replace(settings, data=existing(replace(settings, store=None)).path)
    run_server(replace(settings, token=token()), host, port)


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
