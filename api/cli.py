"""The command line, `civicgraph`: its commands, and how it ends when something is wrong."""

import re
import sys
from collections import UserDict
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from civicgraph.api.commands.common import ERR, leave_lines_whole, note, say
from civicgraph.api.commands.interrupts import interrupts

COMMANDS: Final = {
    "demo": ("serve", "demo --port 8080"),
    "load": ("sources", "load spend leeds__2019-10.csv leeds__2019-11.csv"),
    "documents": ("sources", "documents articles"),
    "sources": ("sources", "sources --json"),
    "unload": ("sources", "unload leeds-2019-10"),
    "undo": ("sources", "undo --store http://127.0.0.1:7878/query"),
    "optimize": ("sources", "optimize"),
    "review": ("review", "review --by 'A. Reader'"),
    "concentration": (
        "print_figures",
        "concentration --by supplier --basis spend --service payroll --from 2019-04-01",
    ),
    "query": ("ask", "query customers-of --param supplier=Capita --format csv"),
    "export": ("export", "export gexf -o network.gexf --buyer 'Leeds City Council'"),
    "serve": ("serve", "serve --port 8080"),
    "check": ("check_snapshot", "check --json"),
    "claims": ("show_claims", ""),
    "what-if": ("scenarios", ""),
}
"""The module of each command and an example of it, in the order in which help shows them."""
_SETTINGS: Final = {"help_option_names": ["-h", "--help"]}


class _Imported(UserDict[str, Any]):
    """Commands by name, each imported when it is asked for: all that any of them needs takes a second."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - typer's own kind of command
        found = super().__getitem__(name)
        if isinstance(found, tuple):
            found = self.data[name] = _command(name, *found)
        return found


def _command(name: str, module: str, example: str) -> Any:  # noqa: ANN401 - as above
    from civicgraph.api.parameters import with_options  # noqa: PLC0415 - help of all commands needs none of it

    found = getattr(import_module(f"civicgraph.api.commands.{module}"), name.replace("-", "_"))
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    one = typer.Typer(add_completion=False, context_settings=_SETTINGS)
    one.command(name, epilog=f"Example: civicgraph {example}")(with_options(found))
    return typer.main.get_command(one)


class _Group(TyperGroup):
    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - whatever typer gives a group
        super().__init__(**given)
        self.commands = _Imported(COMMANDS)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - the context, by the name that callers use
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Show what each command is for without importing it."""
        self.commands = {name: TyperCommand(name, help=_help(name, module)) for name, (module, _) in COMMANDS.items()}
        super().format_help(ctx, formatter)
        self.commands = _Imported(COMMANDS)


def _help(name: str, module: str) -> str:
    """Return the first sentence that a command says of itself, as it stands in its source."""
    source = files("civicgraph.api.commands").joinpath(f"{module}.py").read_text(encoding="utf-8")
    found = re.search(rf'^def _?{name.replace("-", "_")}\(.*?"""(.+?)(?:\n|""")', source, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


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
    *,
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="As --data of the command.")] = None,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", help="As --store of the command.")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Who runs the public sector's IT: load, ask, measure, export, serve."""


def main() -> None:
    """Run the command line; a fault ends it with one line that says what, and one that says what to do."""
    debug = "--debug" in sys.argv
    leave_lines_whole()
    try:
        with interrupts():
            app()
    except Exception as error:
        from civicgraph.api.commands.exits import told  # noqa: PLC0415 - it knows the faults of everything

        what, remedy, status = told(error)
        if debug:
            ERR.print_exception()
        note(f"civicgraph: {what}")
        note(f"  {remedy}")
        raise SystemExit(status) from error
