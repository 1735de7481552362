"""What is said of an error that ends a command, and with which status it ends."""

from typing import Final

from civicgraph.api.commands.common import UsageError
from civicgraph.api.settings import SettingsError
from civicgraph.api.tables.catalog import HeaderError
from civicgraph.graph.edges.scope import ScopeError
from civicgraph.graph.engine.errors import AddressError, QueryError, RemoteError
from civicgraph.graph.identity import JudgementError
from civicgraph.graph.snapshot.locks import BusyError
from civicgraph.graph.snapshot.snapshot import DataFolderError
from civicgraph.seeds_loader.faults import SourceFileError, SourceIdError

_MISUSE: Final = 2


def told(error: Exception) -> tuple[str, str, int]:
    """Return one line that says what is wrong, one that says what to do, and the status."""
    match error:
        case UsageError() | SourceIdError():
            what, remedy, status = error.what, error.remedy, _MISUSE
        case RemoteError() | BusyError():
            what, remedy, status = error.what, error.remedy, 1
        case SourceFileError():
            what, remedy, status = f"{error.file}: {error.reason}", error.remedy, _MISUSE
        case JudgementError():
            what, remedy, status = f"{error.file}:{error.line}: {error.reason}", error.remedy, _MISUSE
        case QueryError():
            what, remedy, status = str(error), "docs/queries.md has examples that work", _MISUSE
        case AddressError() | HeaderError() | ScopeError() | SettingsError():
            what, remedy, status = str(error), "correct the name or value", _MISUSE
        case DataFolderError():
            what, remedy, status = str(error), "or name another folder with --data", 1
        case NotADirectoryError() if error.filename is None:
            what, remedy, status = str(error), "name the folder that the articles are in", _MISUSE
        case OSError():
            what, remedy, status = (
                f"{error.strerror or error}: {error.filename or ''}",
                "check the path and the disk",
                1,
            )
        case _:
            what = f"an error in civicgraph itself: {type(error).__name__}: {error}"
            remedy, status = "run it again with --debug and report what it prints", 1
    return what, remedy, status
