"""claims show: what a claims file says, each claim with the words that it rests on."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from civicgraph.api.commands.common import DEFAULT_FOLDER, DataOption

claims = typer.Typer(name="claims", help="Read claims files against their documents.", no_args_is_help=True)


@claims.callback()
def _group() -> None:
    """Read claims files against their documents."""


@claims.command(epilog="Example: civicgraph claims show seeds_loader/facts --view plans")
def show(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Claims files, or folders of them.")],
    *,
    view: Annotated[
        Literal["established", "plans", "rumours"] | None,
        typer.Option(help="Show what this view says, derived statements too, in place of the claims."),
    ] = None,
    articles: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of articles; else those that `documents` made known.")
    ] = None,
    data: DataOption = DEFAULT_FOLDER,
) -> None:
    """Print every claim with its line, its marks and its words; or every sentence of a view with its grounds.

    Nothing is loaded. Claims at fault are told of and left out.
    """
    from civicgraph.api.commands.claims_shown import say_claims, say_view  # noqa: PLC0415 - all loaders take a second

    if view is None:
        say_claims(paths, articles, data)
    else:
        say_view(view, paths, articles, data)
