"""The command line, `civicgraph`: its commands, and how it ends when something is wrong."""

import os
import sys
from collections import UserDict
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer
import typer.main
from typer.core import TyperGroup

from civicgraph.api.commands.common import ERR, UsageError, leave_lines_whole, note, say
from civicgraph.api.commands.place import with_store
from civicgraph.api.settings import SettingsError
from civicgraph.api.tables.headers import HeaderError
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.engine.errors import AddressError, QueryError, RemoteError
from civicgraph.graph.identity import JudgementError
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.snapshot import DataFolderError

COMMANDS: Final = {
    "demo": "serving",
    "load": "loading",
    "documents": "loading",
    "sources": "loading",
    "unload": "loading",
    "undo": "loading",
    "optimize": "loading",
    "review": "review",
    "concentration": "figures",
    "query": "asking",
    "export": "exporting",
    "serve": "serving",
    "check": "asking",
    "claims": "claims",
    "what-if": "what_if",
}
"""The module of each command, in the order in which help shows them."""
_EXAMPLES: Final = {
    "demo": "civicgraph demo --port 8080",
    "load": "civicgraph load spend leeds__2019-10.csv leeds__2019-11.csv",
    "documents": "civicgraph documents articles",
    "sources": "civicgraph sources --json",
    "unload": "civicgraph unload leeds-2019-10",
    "undo": "civicgraph undo --store http://127.0.0.1:7878/query",
    "optimize": "civicgraph optimize",
    "review": "civicgraph review --by 'A. Reader'",
    "concentration": "civicgraph concentration --by supplier --basis spend --service payroll --from 2019-04-01",
    "query": "civicgraph query customers-of --param supplier=Capita --format csv",
    "export": "civicgraph export gexf -o network.gexf --buyer 'Leeds City Council'",
    "serve": "civicgraph serve --port 8080",
    "check": "civicgraph check --json",
}
_OWN_STORE: Final = ("demo", "serve", "documents")
"""Commands that need no store, or have an option of that name with more to it."""


class _Imported(UserDict[str, Any]):
    """Commands by name, each imported when it is asked for: all that any of them needs takes a second."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - typer's own kind of command
        found = super().__getitem__(name)
        if isinstance(found, str):
            found = self.data[name] = _command(name, found)
        return found


def _command(name: str, module: str) -> Any:  # noqa: ANN401 - as above
    found = getattr(import_module(f"civicgraph.api.commands.{module}"), name.replace("-", "_"))
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    one = typer.Typer(add_completion=False, context_settings=_SETTINGS)
    one.command(name, epilog=f"Example: {_EXAMPLES[name]}")(found if name in _OWN_STORE else with_store(found))
    return typer.main.get_command(one)


class _Group(TyperGroup):
    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - whatever typer gives a group
        super().__init__(**given)
        self.commands = _Imported(COMMANDS)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - the context, by the name that callers use
        return list(self.commands)


_SETTINGS: Final = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="civicgraph",
    cls=_Group,
    help="Who runs the public sector's IT: load, ask, measure, export, serve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=_SETTINGS,
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"civicgraph {version('civicgraph')}")
        raise typer.Exit


@app.callback(epilog="Example: civicgraph load claims seeds_loader/facts, and then: civicgraph serve")
def options(
    context: typer.Context,
    *,
    data: Annotated[str | None, typer.Option("--data", metavar="DIR", help="As --data of the command.")] = None,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", help="As --store of the command.")] = None,
    debug: Annotated[  # noqa: ARG001 - `main` looks for it before anything is read
        bool, typer.Option("--debug", help="Show where in the program an error arose.")
    ] = False,
    show_version: Annotated[  # noqa: ARG001 - its callback ends the command
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Who runs the public sector's IT: load, ask, measure, export, serve."""
    for name, given in (("CIVICGRAPH_DATA", data), ("CIVICGRAPH_STORE", store)):
        if given is not None:
            # A command reads it there, unless it is given its own.
            context.call_on_close(partial(_put_back, name, os.environ.get(name)))
            os.environ[name] = given


def _put_back(name: str, value: str | None) -> None:
    os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value


def main() -> None:
    """Run the command line; a fault ends it with one line that says what, and one that says what to do."""
    debug = "--debug" in sys.argv
    leave_lines_whole()
    try:
        app()
    except (UsageError, RemoteError) as error:
        _end(error, error.what, error.remedy, debug=debug, status=2 if isinstance(error, UsageError) else 1)
    except QueryError as error:
        _end(error, str(error), "docs/queries.md has examples that work", debug=debug, status=2)
    except JudgementError as error:
        _end(error, f"{error.file}:{error.line}: {error.reason}", error.remedy, debug=debug, status=2)
    except (AddressError, HeaderError, ScopeError, SettingsError) as error:
        _end(error, str(error), "correct the name or value", debug=debug, status=2)
    except BusyError as error:
        _end(error, error.what, error.remedy, debug=debug, status=1)
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
