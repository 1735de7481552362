"""What is said of an error that ends a command, and with which status it ends."""

from civicgraph.api.own_queries import own_yaml


def told(error: Exception) -> tuple[str, str, int]:
    """Return one line that says what is wrong, one that says what to do, and the status; see `problems.yaml`."""
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, OSError) and error.filename is None:
        kinds = ["no folder" if isinstance(error, NotADirectoryError) else "no file"]
    exits = own_yaml("problems.yaml")["exits"]
    what, remedy, status = next(exits[kind] for kind in kinds if kind in exits)
    return what.format(error, kinds[0]), remedy.format(error), status
