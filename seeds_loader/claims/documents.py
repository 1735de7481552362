"""Articles at hand: found by digest, read in place, and quoted from; never copied into the data folder."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from civicgraph.graph.records.types import Evidence
from civicgraph.graph.snapshot.snapshot import DataFolderError

MAX_BYTES: Final = 50_000_000
"""An article larger than this is something else."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words a claim rests on, with the words around them."""

    before: str
    words: str
    after: str


class Documents:
    """The register of articles at hand, kept in a data folder.

    Parameters
    ----------
    data
        The data folder, or None for an empty register that is not kept.

    Raises
    ------
    DataFolderError
        The register is damaged.
    """

    def __init__(self, data: Path | None) -> None:
        self._register = None if data is None else data / "documents.json"
        self._paths: dict[str, Path] = {}
        self._texts: dict[str, str | None] = {}
        if self._register is not None and self._register.exists():
            try:
                stored = json.loads(self._register.read_text(encoding="utf-8"))
                self._paths = {digest: Path(path) for digest, path in stored.items()}
            except (ValueError, AttributeError, TypeError) as error:
                msg = f"{self._register} is damaged; remove it and register the articles again: civicgraph documents"
                raise DataFolderError(msg) from error

    def add_folder(self, folder: Path) -> int:
        """Make the articles of a folder available; return how many it holds.

        Raises
        ------
        NotADirectoryError
            It is not a folder.
        """
        if not folder.is_dir():
            msg = f"{folder} is not a folder"
            raise NotADirectoryError(msg)
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size <= MAX_BYTES and _text(content := path.read_bytes()) is not None:
                found[hashlib.sha256(content).hexdigest()] = path.resolve()
        renewed = set(found.values())
        self._paths = {digest: path for digest, path in self._paths.items() if path not in renewed} | found
        self._texts.clear()
        if self._register is not None:
            self._register.parent.mkdir(parents=True, exist_ok=True)
            ordered = {digest: str(path) for digest, path in sorted(self._paths.items())}
            partial = self._register.with_suffix(".partial")
            partial.write_text(json.dumps(ordered, indent=1), encoding="utf-8")
            partial.rename(self._register)
        return len(found)

    def text(self, sha256: str) -> str | None:
        """Return a document's text, or None where it is not at hand or has changed since."""
        if sha256 not in self._texts:
            try:
                content: bytes | None = self._paths[sha256].read_bytes()
            except (KeyError, OSError):  # moved or removed since: no longer at hand
                content = None
            is_same = content is not None and hashlib.sha256(content).hexdigest() == sha256
            self._texts[sha256] = _text(content or b"") if is_same else None
        return self._texts[sha256]

    def digest_of(self, file: str) -> str | None:
        """Return the digest of the document at hand with that file name, or None."""
        return next((digest for digest, path in self._paths.items() if path.name == file), None)

    def quote(self, evidence: Evidence, around: int = 160) -> Quotation | None:
        """Return the words at a place in a document, or None where the document is not at hand.

        Parameters
        ----------
        evidence
            Where the words stand, in Unicode code points.
        around
            How many code points to show before and after.
        """
        text = self.text(evidence.sha256)
        if text is None or evidence.end > len(text):
            return None
        start, end = evidence.start, evidence.end
        return Quotation(text[max(0, start - around) : start], text[start:end], text[end : end + around])


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
