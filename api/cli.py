"""The command line, `civicgraph`: its commands, and how it ends when something is wrong."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from civicgraph.api.commands import asking, exporting, figures, loading, review, serving, what_if
from civicgraph.api.commands.common import ERR, UsageError, note, say
from civicgraph.api.commands.place import with_store
from civicgraph.api.settings import SettingsError
from civicgraph.graph.identity.judgements import JudgementError
from civicgraph.graph.scope import ScopeError
from civicgraph.graph.store.engine import QueryError
from civicgraph.graph.store.locks import BusyError
from civicgraph.graph.store.remote.faults import AddressError, RemoteError
from civicgraph.graph.store.snapshot import DataFolderError

app = typer.Typer(
    name="civicgraph",
    help="Who runs the public sector's IT: load, ask, measure, export, serve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_OWN_STORE = (serving.demo, serving.serve, loading.documents)
"""Commands that need no store, or have an option of that name with more to it."""

for command in (
    serving.demo,
    loading.load,
    loading.documents,
    loading.sources,
    loading.unload,
    loading.undo,
    review.review,
    figures.concentration,
    asking.query,
    exporting.export,
    serving.serve,
    asking.check,
):
    app.command()(command if command in _OWN_STORE else with_store(command))
app.add_typer(what_if.what_if, name="what-if")


def _version(wanted: bool) -> None:
    if wanted:
        say(f"civicgraph {version('civicgraph')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Who runs the public sector's IT: load, ask, measure, export, serve."""


def main() -> None:
    """Run the command line; a fault ends it with one line that says what, and one that says what to do."""
    debug = "--debug" in sys.argv
    try:
        app()
    except (UsageError, RemoteError) as error:
        _end(error, error.what, error.remedy, debug=debug, status=2 if isinstance(error, UsageError) else 1)
    except QueryError as error:
        _end(error, str(error), "docs/queries.md has examples that work", debug=debug, status=2)
    except JudgementError as error:
        _end(error, f"{error.file}:{error.line}: {error.reason}", error.remedy, debug=debug, status=2)
    except (AddressError, ScopeError, SettingsError) as error:
        _end(error, str(error), "correct the name or value", debug=debug, status=2)
    except BusyError as error:
        _end(error, str(error), "wait until it has ended", debug=debug, status=1)
    except DataFolderError as error:
        _end(error, str(error), "or name another folder with --data", debug=debug, status=1)
    except OSError as error:
        _end(error, f"{error.strerror or error}: {error.filename or ''}", "check the path and the disk", debug=debug)
    except Exception as error:  # noqa: BLE001 - the outermost door
        what = f"an error in civicgraph itself: {type(error).__name__}: {error}"
        _end(error, what, "run it again with --debug and report what it prints", debug=debug)


def _end(error: Exception, what: str, remedy: str, *, debug: bool, status: int = 1) -> None:
    if debug:
        ERR.print_exception()
    note(f"civicgraph: {what}")
    note(f"  {remedy}")
    raise SystemExit(status) from error
