"""Pages from templates: the filters they use, the scripts that belong to them, and how numbers and days are written."""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from civicgraph.api.own_queries import questions
from civicgraph.api.pages.citing import bibtex, here
from civicgraph.api.pages.words import left_out, measures, method_link, reason_in_words, words
from civicgraph.graph.edges.scope import slug_of
from civicgraph.graph.records.dates import DateError, parse_date
from civicgraph.graph.records.iris import key_of
from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES
from civicgraph.ontology.terms import CG_NS, SERVICES_NS

MISSING: Final = "–"
"""What stands where nothing is known."""

LONGEST_NAME: Final = 160
"""Longer texts are cut in tables and lists; a thing's own page has them whole."""

_EDTF: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_CODE: Final = re.compile("`([^`]+)`")
_WITHIN: Final = re.compile(r"\[([^\[\]]*?)\.\.([^\[\]]*)\]")


def render(template: str, **values: object) -> str:
    """Return a page made from a template of the `page` folder."""
    return environment().get_template(template).render(**values)


@cache
def scripts() -> Mapping[str, Mapping[str, str]]:
    """Return by the name of a page its built `script`, and the `style` that came with it; none where none is built."""
    manifest = files("civicgraph.api").joinpath("page/built/manifest.json")
    if not manifest.is_file():
        return {}
    found: Mapping[str, Mapping[str, str]] = json.loads(manifest.read_text(encoding="utf-8"))
    return found


def prepare() -> None:
    """Compile all templates and read all words, so that whoever comes first need not wait for that."""
    for name in environment().list_templates(extensions=["html"]):
        environment().get_template(name)
    measures()
    words("headings")


def address(iri: str | None) -> str | None:
    """Return where this server answers for an IRI; the IRI itself if it is on the web; None if it leads nowhere.

    >>> address("https://w3id.org/civicgraph/id/place/kent"), address("javascript:alert(1)")
    ('/id/place/kent', None)
    """
    if iri is None:
        return None
    key = key_of(iri)
    if key is not None:
        return f"/id/{quote(key)}"
    if iri.startswith(CG_NS):
        return f"/ontology#{iri.removeprefix(CG_NS)}"
    if iri.startswith(SERVICES_NS):
        return f"/service/{quote(iri.removeprefix(SERVICES_NS))}"
    if iri == ONTOLOGY_IRI:
        return "/ontology"
    return iri if iri.startswith(("https://", "http://")) else None


def day(value: date | str | None) -> str:
    """Return a day as it is written in Britain; EDTF text as far as it is a year, a month or a day.

    >>> day("2019-03-01"), day("2006~"), day("2021-03"), day("2011-05/2011-06-04"), day(None)
    ('1 March 2019', 'about 2006', 'March 2021', 'May 2011 to 4 June 2011', '–')
    >>> day("[2019-10..2019-12]"), day("[2013-11..]"), day("[..2016-04]")
    ('some time from October 2019 to December 2019', 'November 2013 or later', 'April 2016 or earlier')
    """
    if value is None or value == "":
        return MISSING
    if within := _WITHIN.fullmatch(str(value)):
        first, last = within.groups()
        if not first:
            return f"{_one_day(last)} or earlier"
        return f"some time from {_one_day(first)} to {_one_day(last)}" if last else f"{_one_day(first)} or later"
    first, slash, last = str(value).partition("/")
    if not slash:
        return _one_day(first)
    if first in ("", ".."):
        return f"until {_one_day(last)}"
    return f"from {_one_day(first)}" if last in ("", "..") else f"{_one_day(first)} to {_one_day(last)}"


def _one_day(text: str) -> str:
    found = _EDTF.fullmatch(text.rstrip("~?%"))
    if found is None:
        return text
    year, month, number = found.groups()
    about = "about " if text.endswith(("~", "%")) else "perhaps " if text.endswith("?") else ""
    try:
        named = date(int(year), int(month or 1), int(number or 1))
    except ValueError:
        return text
    parts = [str(named.day) if number else "", f"{named:%B}" if month else "", year]
    return about + " ".join(filter(None, parts))


def ended(text: str, on: date | None) -> bool:
    """Return whether the last day that EDTF text can mean is before a day.

    >>> [ended(text, date(2021, 3, 31)) for text in ("2021-03", "[2019-10..2019-12]", "2019", "")]
    [False, True, True, False]
    """
    try:
        latest = parse_date(text).latest
    except DateError:
        return False
    return latest is not None and on is not None and latest < on


def money(value: Decimal | float | str | None, currency: str | None = "GBP") -> str:
    """Return an amount of money, whole pounds where it is large; in another currency with its code.

    >>> money(385000000), money("12.5"), money(-3), money(7, "EUR"), money(None)
    ('£385,000,000', '£12.50', '−£3', 'EUR 7', '–')
    """
    if value is None or value == "":
        return MISSING
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    pence = amount % 1 and abs(amount) < 10_000  # noqa: PLR2004 - from there on pence say nothing
    text = f"{abs(amount):,.2f}" if pence else f"{abs(amount):,.0f}"
    sign = "−" if amount < 0 else ""
    return f"{sign}£{text}" if currency in ("GBP", None) else f"{sign}{currency} {text}"


def number(value: float | str | None, digits: int = 0) -> str:
    """Return a number with its thousands set off.

    >>> number(13492), number(2543.21), number(0.256, 2), number(None)
    ('13,492', '2,543', '0.26', '–')
    """
    return MISSING if value is None or value == "" else f"{float(value):,.{digits}f}"


def share(value: float | None) -> str:
    r"""Return a share of 1 as a percentage, which does not break; the small ones are not rounded away.

    >>> [share(of).replace("\xa0", " ") for of in (0.256, 0.004, 0.00001, 0.0)], share(None)
    (['26 %', '0.4 %', 'under 0.1 %', '0 %'], '–')
    """
    if value is None:
        return MISSING
    if 0 < value < 0.0005:  # noqa: PLR2004 - less would be written as nothing
        return "under\xa00.1\xa0%"
    digits = 1 if 0 < abs(value) < 0.0995 else 0  # noqa: PLR2004 - below ten per cent a decimal is worth its room
    return f"{value * 100:.{digits}f}\xa0%"


def plural(label: str, count: float | str) -> str:
    """Return what so many things of a class are called.

    >>> plural("buyer", 2), plural("person", 15), plural("body", 3), plural("claim", 1)
    ('buyers', 'people', 'bodies', 'claim')
    """
    if float(count) == 1:
        return label
    if label == "person":
        return "people"
    return f"{label[:-1]}ies" if label.endswith("y") else f"{label}s"


def code(text: str) -> Markup:
    """Return a text whose words between backticks are code.

    >>> code("`a`, or <b>")
    Markup('<code>a</code>, or &lt;b&gt;')
    """
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - what it holds is escaped


def short(text: str) -> str:
    """Return a text that fits a line of a table.

    >>> len(short("a" * 10_000))
    160
    """
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


@cache
def environment() -> Environment:
    """Return what templates are made with."""
    environment = Environment(
        loader=PackageLoader("civicgraph.api", "page"),
        autoescape=select_autoescape(disabled_extensions=("ttl",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (address, bibtex, code, day, ended, money, number, plural, share, short):
        environment.filters[function.__name__] = function
    environment.filters |= {
        "last_part": slug_of,
        "left_out": left_out,
        "method": method_link,
        "reason": reason_in_words,
        "words": words,
    }
    environment.globals.update(prefixes=PREFIXES, scripts=scripts, here=here, key_of=key_of, questions=questions)
    return environment
