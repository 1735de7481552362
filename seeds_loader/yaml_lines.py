"""YAML with the line of every value, so that a fault can be named where it stands; and the package's own, as it is."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from civicgraph.seeds_loader.faults import SourceFileError

MAX_BYTES: Final = 20_000_000
"""A claims file is written by people; one larger than this is something else."""
_MAX_DEPTH: Final = 20


class Scalar(str):
    """A scalar of a YAML file, as text, with its line."""

    __slots__ = ("line",)
    line: int


class Listed(list["Located"]):
    """A sequence of a YAML file with its line."""

    line: int


class Fields(dict[str, "Located"]):
    """A mapping of a YAML file with its line, and the keys that it has once more, each with its line."""

    line: int
    repeated: tuple[tuple[str, int], ...] = ()


Located = Scalar | Listed | Fields


@cache
def own_yaml(name: str) -> Any:  # noqa: ANN401 - whatever the file has
    """Return what a YAML file of this package has, by its path in it."""
    return yaml.load((files("civicgraph.seeds_loader") / name).read_text(encoding="utf-8"), yaml.CSafeLoader)


def read_yaml(path: Path) -> Located:
    """Return a YAML file's content with lines.

    Raises
    ------
    SourceFileError
        The file is too large, not UTF-8, not YAML, empty, nested too deeply, or uses aliases.
    """
    name = path.name
    try:
        if path.is_dir():
            raise SourceFileError(name, None, "a folder without .yaml files", "name a claims file or a folder of them")
        if path.stat().st_size > MAX_BYTES:
            raise SourceFileError(name, None, f"larger than {MAX_BYTES // 10**6} MB", "split it by document")
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceFileError(name, line, "not UTF-8", "save it as UTF-8") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceFileError(name, None, reason, "name a readable claims file or a folder of them") from error
    try:
        _refuse_bombs(name, yaml.parse(text, Loader=yaml.CBaseLoader))
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        # The end of a file may lie beyond its last line.
        at = None if mark is None else min(mark.line, text.count("\n")) + 1
        raise SourceFileError(name, at, f"not YAML: {error.problem}", "correct it there") from error
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise SourceFileError(name, line, f"not YAML: {error.reason}", "remove what is not text") from error
    if root is None:
        raise SourceFileError(name, None, "empty", "see docs/claims.md for what a claims file holds")
    return _located(root)


def _refuse_bombs(name: str, events: Iterable[yaml.Event]) -> None:
    """Refuse aliases, which can stand for gigabytes in a few lines, and a nesting that no claims file has."""
    depth = 0
    for event in events:
        line = None if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise SourceFileError(name, line, "an alias (*)", "write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise SourceFileError(name, line, "nested too deeply", "claims files are four levels deep")


def _located(node: yaml.Node) -> Located:
    made: Located
    if isinstance(node, yaml.MappingNode):
        made = Fields()
        for key, value in node.value:
            if (name := str(key.value)) in made:
                made.repeated += ((name, key.start_mark.line + 1),)
            else:
                made[name] = _located(value)
    else:
        made = Listed(map(_located, node.value)) if isinstance(node, yaml.SequenceNode) else Scalar(node.value)
    made.line = node.start_mark.line + 1
    return made


def claims_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the claims files among paths: a file stands for itself, a folder for its `.yaml` files in order.

    A folder without any is yielded itself, so that whoever reads it says so.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml")) or [path]
        else:
            yield path
