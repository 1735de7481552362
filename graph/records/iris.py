"""IRIs and slugs: how a thing gets its name on the web."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import yaml

BASE: Final = "https://w3id.org/civicgraph/id/"
"""Where the things live; the API answers `/id/{kind}/{slug}` for the same path on any host."""

KINDS: Final[Mapping[str, str]] = yaml.safe_load(
    files("civicgraph.graph.records").joinpath("kinds.yaml").read_text("utf-8")
)
"""Kinds of things, as they stand in IRIs, with the local name of the ontology class of each."""

REGISTERED_KINDS: Final = frozenset({"organisation", "person", "sector", "place", "platform"})
"""Kinds whose class the curator's register states; the other kinds are what claims or records make them."""

_find_words: Final = re.compile(r"[a-z0-9]+").findall
_KEY: Final = re.compile(r"(?P<kind>[a-z]+)/(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*(?:--[0-9a-f]{8})?)")


def slugify(name: str) -> str:
    """Return a name in ASCII, lower case, words joined by hyphens; a digest where nothing of it is ASCII.

    >>> slugify("Réseau & Söhne (UK) Ltd.")
    'reseau-sohne-uk-ltd'
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return "-".join(_find_words(plain.lower())) or short_hash(name)


def short_hash(*parts: str, length: int = 16) -> str:
    """Return the first hexadecimal digits of the SHA-256 over the parts, each set off from the next.

    >>> short_hash("a", "b") == short_hash("ab")
    False
    """
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:length]


def thing_iri(key: str, base: str = BASE) -> str:
    """Return the IRI of a thing from its key.

    Parameters
    ----------
    key
        ``kind/slug``, such as ``organisation/serco``.
    base
        The namespace of all things.

    Raises
    ------
    ValueError
        The key is not of that form, or the kind is not one of `KINDS`.

    Examples
    --------
    >>> thing_iri("organisation/serco")
    'https://w3id.org/civicgraph/id/organisation/serco'
    """
    match = _KEY.fullmatch(key)
    if match is None:
        msg = f"{key!r} is not a kind/slug: a kind, a slash, then lower-case letters, digits and single hyphens"
        raise ValueError(msg)
    if match["kind"] not in KINDS:
        msg = f"{match['kind']!r} is not a kind of thing; the kinds are {', '.join(KINDS)}"
        raise ValueError(msg)
    return base + key


def key_of(iri: str, base: str = BASE) -> str | None:
    """Return the ``kind/slug`` of a thing's IRI, or None if the IRI is not that of a thing.

    >>> key_of("https://w3id.org/civicgraph/id/place/kent"), key_of("https://example.org/")
    ('place/kent', None)
    """
    key = iri.removeprefix(base)
    return key if key != iri and "/" in key else None
