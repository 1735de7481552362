"""Words for terms: what a page says for a property, a concept, a mark of a claim, or a reason why a row is left out."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup

from civicgraph.api.own_queries import own_yaml
from civicgraph.ontology.read import PREFIXES, class_labels, properties
from civicgraph.ontology.terms import CG_NS

_BY_LENGTH: Final = sorted(PREFIXES.items(), key=lambda pair: -len(pair[1]))
_OWN: Final = ("https://w3id.org/civicgraph", *PREFIXES.values())
_GUARDED: Final = "guarded as "
_LEFT_OUT: Final = re.compile(r"(?P<reason>.+): (?P<count>[\d,]+)(?: \((?P<money>[^)]*)\))?")
_PREPOSITIONS: Final = frozenset({"by", "from", "in", "of", "to", "with"})
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words(name: str) -> Any:  # noqa: ANN401 - what YAML holds
    """Return some of the words of `words.yaml`, such as the `headings` by column."""
    return own_yaml("pages/words.yaml")[name]


def measures() -> Any:  # noqa: ANN401 - as above
    """Return what is told of each figure, in the order of the page; see `method.yaml`."""
    return own_yaml("pages/method.yaml")


def method_link(word: str, measure: str) -> Markup:
    """Return a figure's word as a link to what it means.

    >>> method_link("HHI", "hhi")
    Markup('<a class="word" href="/method#hhi">HHI</a>')
    """
    if measure not in {one["id"] for one in measures()}:
        raise KeyError(measure)
    return Markup('<a class="word" href="/method#{}">{}</a>').format(measure, word)


def spelt(iri: str) -> str:
    """Return the last part of an IRI as words; of a digest what it is of; the host of an address on the web.

    >>> (
    ...     spelt("https://w3id.org/civicgraph/ontology#damagedCopy"),
    ...     spelt("https://w3id.org/civicgraph/id/claim/e132db69"),
    ... )
    ('damaged copy', 'claim')
    """
    last = iri.rpartition("#")[2].rpartition("/")[2]
    if re.fullmatch(r"[0-9a-f]{8,}", last):
        return iri.split("/")[-2]
    if not iri.startswith(_OWN):
        return urlsplit(iri).hostname or iri
    words = _HUMP.sub(" ", last).replace("-", " ").replace("_", " ")
    return words if words.isupper() else words[:1] + re.sub(r"\b[A-Z](?=[a-z])", lambda one: one[0].lower(), words[1:])


def is_hidden(iri: str) -> bool:
    """Return whether a property says nothing to a person that its page does not say already."""
    return _short(iri) in words("hidden")


def property_label(iri: str) -> str:
    """Return what a page calls a property.

    >>> (
    ...     property_label("https://w3id.org/civicgraph/ontology#servedBy"),
    ...     property_label("http://purl.org/dc/terms/issued"),
    ... )
    ('served by', 'published')
    """
    own = properties().get(iri.removeprefix(CG_NS))
    return str(words("labels").get(_short(iri)) or (own.label if own else spelt(iri)))


def incoming_label(iri: str) -> str:
    """Return what a page calls those that have a thing as the value of a property.

    >>> incoming_label("https://w3id.org/civicgraph/ontology#memberOf")
    'members'
    >>> incoming_label("https://w3id.org/civicgraph/ontology#owner")
    'owner of'
    """
    label = property_label(iri)
    return str(words("incoming").get(_short(iri)) or (f"what is {label} it" if _is_open(label) else f"{label} of"))


def sentence(iri: str, subject: str, value: str, value_iri: str | None = None) -> str:
    """Return a statement as a sentence, without a stop at its end.

    >>> sentence("https://w3id.org/civicgraph/ontology#basedIn", "Canterbury City Council", "Kent")
    'Canterbury City Council is based in Kent'
    """
    label = property_label(iri)
    kind = class_labels().get(value_iri or "", value)
    template = words("sentences").get(
        _short(iri), "{s} is {label} {o}" if _is_open(label) else "The {label} of {s} is {o}"
    )
    return str(template).format(s=subject, label=label, o=kind, a="an" if kind[:1].lower() in "aeiou" else "a")


def standing(marks: Iterable[str]) -> str:
    """Return what is said before the sentence of a claim, by its marks.

    >>> standing(["affirmed", "reported", "rumour", "body"])
    'Rumoured: '
    """
    return next((str(said) for mark, said in words("standing").items() if mark in marks), "")


def reason_in_words(reason: str, count: int | str) -> str:
    """Return what so many rows are that are left out for a reason, without their number.

    >>> reason_in_words("guarded as refund", 2), reason_in_words("no date known", 1)
    ('refunds', 'record without a date')
    """
    plain = reason.removeprefix(_GUARDED)
    one, several = words("reasons").get(plain, (plain.replace("-", " "),) * 2)
    return str(one if str(count) == "1" else several)


def left_out(account: str) -> str:
    """Return what a figure leaves out in words, from how data says it.

    >>> left_out("guarded as zero-amount: 21; guarded as refund: 1 (£-4.00); no date known: 1,204 (£5.00)")
    '21 payments of £0, 1 refund (−£4.00) and 1,204 records without a date (£5.00)'
    """
    parts = []
    for text in filter(None, account.split("; ")):
        found = _LEFT_OUT.fullmatch(text)
        if found is None:
            parts.append(text)
            continue
        money = f" ({found['money'].replace('£-', '−£')})" if found["money"] else ""
        parts.append(f"{found['count']} {reason_in_words(found['reason'], found['count'])}{money}")
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _is_open(label: str) -> bool:
    """Return whether a label ends with a preposition, so that "of" cannot follow it."""
    return label.rpartition(" ")[2] in _PREPOSITIONS


def _short(iri: str) -> str:
    """Return an IRI by its prefix, as the words are kept."""
    return next(
        (f"{prefix}:{iri.removeprefix(namespace)}" for prefix, namespace in _BY_LENGTH if iri.startswith(namespace)),
        iri,
    )
