"""The parties of an OCDS release: names, and the official identifiers that the release gives for them."""

from collections.abc import Iterable, Mapping
from typing import Final

from civicgraph.graph.records.types import Party
from civicgraph.seeds_loader.identifiers import official, scheme_of, schemes
from civicgraph.seeds_loader.ocds.fields import Object, identifier, mapping, mappings
from civicgraph.seeds_loader.text import clean_text

_AUTHORITIES: Final = frozenset(
    {
        "Ministry or any other national or federal authority",
        "National or federal agency/office",
        "Regional or local agency/office",
        "Regional or local authority",
    }
)
"""Kinds of contracting authority (TED_CA_TYPE) that only a public body can be."""


def organisations(release: Object) -> dict[str, Object]:
    """Return the parties of a release by their local ids; of two with one id, the one that says more."""
    parties: dict[str, Object] = {}
    for party in mappings(release.get("parties")):
        key = identifier(party.get("id"))
        if key and len(party) >= len(parties.get(key, ())):
            parties[key] = party
    return parties


def buyers(release: Object, parties: Mapping[str, Object]) -> tuple[Party, ...]:
    """Return the buyers of a release; where it names none, the body that procures."""
    buyer = mapping(release.get("buyer"))
    named: list[Object] = [buyer] if buyer else []
    named += in_role(release, "buyer")
    if not named:
        tender = mapping(release.get("tender"))
        named = [*mappings(tender.get("procuringEntity")), *in_role(release, "procuringEntity")]
    return resolve(named, parties, buys=True)


def in_role(release: Object, role: str) -> list[Object]:
    """Return the parties that a release says to be in a role."""
    found = []
    for party in mappings(release.get("parties")):
        roles = party.get("roles")
        if (isinstance(roles, list) and role in roles) or roles == role:
            found.append(party)
    return found


def resolve(references: Iterable[Object], parties: Mapping[str, Object], *, buys: bool = False) -> tuple[Party, ...]:
    """Return what references stand for, each once; one that has neither name nor identifier is none."""
    found: dict[str, Party] = {}
    for reference in references:
        key = identifier(reference.get("id"))
        if key and key in found:
            continue
        full = parties.get(key, reference) if key else reference
        name = clean_text(full.get("name")) or clean_text(reference.get("name"))
        name = name or clean_text(mapping(full.get("identifier")).get("legalName"))
        identifiers = _identifiers(key, full, reference)
        if not name and not identifiers:
            continue
        cls = "Organisation"
        if identifiers:
            cls = next((c for i in identifiers if (c := schemes()[scheme_of(i)].cls) is not None), cls)
        if buys and cls == "Organisation" and _is_authority(full):
            cls = "PublicBody"
        found.setdefault(key or name, Party(name or identifiers[0], identifiers, cls))
    return tuple(dict.fromkeys(found.values())) if len(found) > 1 else tuple(found.values())


def _identifiers(key: str, full: Object, reference: Object) -> tuple[str, ...]:
    told = mappings(full.get("identifier")) if "identifier" in full else []
    if "additionalIdentifiers" in full:
        told += mappings(full["additionalIdentifiers"])
    if full is not reference and "identifier" in reference:
        told += mappings(reference["identifier"])
    found: dict[str, int] = {}
    for given in told:
        scheme = given.get("scheme")
        number = official(scheme, identifier(given.get("id"))) if isinstance(scheme, str) else None
        if number is not None:
            found[number] = schemes()[scheme_of(number)].rank
    # Some publishers use the official identifier as the local one.
    if key[2:3] == "-" and key[:2].isupper():
        prefix = scheme_of(key)
        if prefix in schemes() and (number := official(prefix, key)) is not None:
            found[number] = schemes()[prefix].rank
    return tuple(sorted(found, key=lambda number: (found[number], number))) if len(found) > 1 else tuple(found)


def _is_authority(party: Object) -> bool:
    details = party.get("details")
    if not isinstance(details, dict):
        return False
    kinds = mappings(details.get("classifications"))
    return any(kind.get("scheme") == "TED_CA_TYPE" and identifier(kind.get("id")) in _AUTHORITIES for kind in kinds)
