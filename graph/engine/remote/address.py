"""Where a server answers, and what lets us in: the first from the command line, the second from the environment."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from civicgraph.graph.engine.errors import AddressError

SECRET_NAMES: Final = ("CIVICGRAPH_STORE_USER", "CIVICGRAPH_STORE_PASSWORD", "CIVICGRAPH_STORE_TOKEN")
HEADER_NAME: Final = "CIVICGRAPH_STORE_HEADER"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers queries, takes updates, and takes whole graphs; the last two may be unknown.

    `name` tells several sets of data on one server apart.
    """

    query: str
    update: str | None = None
    graph_store: str | None = None
    name: str = "civicgraph"

    @classmethod
    def read(cls, query: str, update: str | None = None, graph_store: str | None = None) -> Self:
        """Return the address that some URLs give; what follows a `#` in the first names the set of data.

        Raises
        ------
        AddressError
            One of them is not the URL of a server, or holds a password.

        Examples
        --------
        >>> Address.read("http://localhost:7878/query#leeds").name
        'leeds'
        """
        checked = _checked(query)
        name = urlsplit(query).fragment or "civicgraph"
        if not all(part.isalnum() and part.isascii() for part in name.split("-")):
            msg = "the name of a set of data, after the #, is made of letters, digits and hyphens"
            raise AddressError(msg)
        return cls(checked, update and _checked(update), graph_store and _checked(graph_store), name)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        names = " and ".join(SECRET_NAMES[:2])
        msg = f"a store's URL must hold no user or password: others can see command lines; set {names}"
        raise AddressError(msg)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"{url} is not the URL of a SPARQL server; write it as http://host:port/path or https://host/path"
        raise AddressError(msg)
    return url.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Secrets:
    """The header fields that let us in. They are never shown."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return what the environment says: a user with a password, a token, or a header field as `Name: value`.

        Raises
        ------
        AddressError
            What is set does not go together. The message holds no value.
        """
        user, password, token = (environment.get(name) or None for name in SECRET_NAMES)
        header = environment.get(HEADER_NAME) or None
        if (user is None) != (password is None):
            msg = f"{SECRET_NAMES[0]} and {SECRET_NAMES[1]} go together: set both or none"
            raise AddressError(msg)
        if user is not None and token is not None:
            msg = f"{SECRET_NAMES[0]} and {SECRET_NAMES[2]} exclude each other: set one of them"
            raise AddressError(msg)
        fields = {}
        if user is not None:
            fields["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        if header is not None:
            name, colon, value = header.partition(":")
            if not colon or not name.strip() or any(sign in header for sign in "\r\n"):
                msg = f"{HEADER_NAME} is a header field, written as Name: value"
                raise AddressError(msg)
            fields[name.strip()] = value.strip()
        if any(not value.isprintable() for value in fields.values()):
            msg = "a secret for the store holds a character that no header field may hold"
            raise AddressError(msg)
        return cls(fields)
