"""YAML with the line of every value, so that a fault can be named where it stands; and the package's own, as it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from civicgraph.seeds_loader.faults import SourceFileError

MAX_BYTES: Final = 20_000_000
"""A claims file is written by people; one larger than this is something else."""
_MAX_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a YAML file with its line: text, a sequence or a mapping. All scalars stay text."""

    value: "str | Sequence[Located] | Mapping[str, Located]"
    line: int
    repeated: tuple[tuple[str, int], ...] = ()

    @property
    def text(self) -> str | None:
        """The value if it is text and not empty."""
        return self.value if isinstance(self.value, str) and self.value else None

    @property
    def items(self) -> "Sequence[Located] | None":
        """The members if the value is a sequence."""
        return None if isinstance(self.value, str | Mapping) else self.value

    @property
    def fields(self) -> "Mapping[str, Located] | None":
        """The fields if the value is a mapping."""
        return self.value if isinstance(self.value, Mapping) else None


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
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        fields: dict[str, Located] = {}
        repeated = []
        for key, value in node.value:
            name = str(key.value)
            if name in fields:
                repeated.append((name, key.start_mark.line + 1))
            else:
                fields[name] = _located(value)
        return Located(fields, line, tuple(repeated))
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(member) for member in node.value], line)
    return Located(str(node.value), line)


def claims_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the claims files among paths: a file stands for itself, a folder for its `.yaml` files in order.

    A folder without any is yielded itself, so that whoever reads it says so.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml")) or [path]
        else:
            yield path
