"""What a snapshot is made of, as it is kept beside the snapshot."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from civicgraph.graph.edges.sql import DataFolderError

FORMAT: Final = 3
"""Raised when the folder's layout changes, so that an old folder is rebuilt from its sources."""


FIGURES: Final = "figures"
"""Kind of the sources that keep saved figures. They are of what else is loaded; nothing follows from them."""


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """One source as a snapshot holds it: its files by digest, and the report of its load.

    `latest` is the latest day of award or payment in it, as ISO 8601; `path` is where it was loaded from.
    """

    id: str
    kind: str
    label: str
    digest: str
    latest: str | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is made of."""

    version: str
    sources: tuple[LoadedSource, ...]
    quads: int

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the manifest kept in a file.

        Raises
        ------
        DataFolderError
            The file is not a manifest of this version.
        """
        return cls.of(path.read_text(encoding="utf-8", errors="replace"), str(path))

    @classmethod
    def of(cls, text: str, where: str) -> Self:
        """Return the manifest that `text` gave as a text; `where` says in an error where it is kept.

        Raises
        ------
        DataFolderError
            It is not a manifest of this version.
        """
        try:
            raw = json.loads(text)
            if raw.pop("format") != FORMAT:
                msg = f"{where} was written by another version of civicgraph; load its sources again"
                raise DataFolderError(msg)
            sources = tuple(LoadedSource(**source) for source in raw.pop("sources"))
            return cls(sources=sources, **raw)
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            msg = f"{where} is damaged; load its sources again into a new folder"
            raise DataFolderError(msg) from error

    def text(self) -> str:
        """Return the manifest as it is kept."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True, ensure_ascii=False)
