"""Text as it stands in an attribute of an XML file."""

import re
from typing import Final
from xml.sax.saxutils import escape

from civicgraph.graph.exports.drawing import plain

_HARMLESS: Final = re.compile(r"[A-Za-z0-9 _./|:#?=%~,;()\[\]+-]*").fullmatch
# Unescaped, white space in an attribute is read as blanks.
_ENTITIES: Final = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}


def quoted(text: str) -> str:
    r"""Return a text as it may stand between double quotes in XML, without what no XML file may hold.

    >>> quoted('Bell & "Sons" <Ltd>\x07')
    'Bell &amp; &quot;Sons&quot; &lt;Ltd&gt;'
    """
    return text if _HARMLESS(text) else escape(plain(text), _ENTITIES)
