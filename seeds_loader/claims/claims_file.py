"""A claims file, one document with its things and claims, to typed records; every fault with its line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from civicgraph.graph.records.iris import BASE, KINDS, REGISTERED_KINDS, thing_iri
from civicgraph.graph.records.quads import RDF_TYPE, claim_id
from civicgraph.graph.records.types import Claim, Correction, Document, Marks, Rejection, Thing
from civicgraph.ontology.read import properties
from civicgraph.seeds_loader.claims import fields
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.claims.fields import Fault, Record, members, rejecting
from civicgraph.seeds_loader.claims.values import ReadValue, properties_of_things, read_class, read_value
from civicgraph.seeds_loader.claims.wording import REMEDY, unfounded
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault, nearest
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.yaml_lines import Fields, Located, read_yaml

MARKS: Final = {
    "polarity": ("affirmed", "denied"),
    "certainty": ("asserted", "reported", "speculative"),
    "modality": ("fact", "plan", "rumour", "opinion"),
    "section": ("body", "headline", "caption", "sidebar"),
}
"""The marks of a claim with the words each can be; the first is what a claim has that names none."""

_TRUST: Final = ("reporting", "promotional", "damagedCopy")
_LINKS: Final = ("contradicts", "derivedFrom")
_BESIDE: Final = (*MARKS, "at", "saidBy", "key", "method", "rejected", *_LINKS)
"""The fields of a claim beside the one property that it states."""
_DOCUMENT_FIELDS: Final = (
    *("file", "sha256", "characters", "label", "publisher", "author"),
    *("issued", "issuedEarliest", "issuedLatest", "trust"),
)


@dataclass(slots=True)
class ClaimsFile:
    """What a claims file holds: what can be used, the line of each claim by its id, and the report of what cannot."""

    document: Document
    licence: str = ""
    things: list[Thing] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    report: LoadReport = field(default_factory=LoadReport)


def read_claims(path: Path, documents: Documents) -> ClaimsFile:
    """Return the records of a claims file.

    Parameters
    ----------
    path
        A YAML file in the form that docs/claims.md describes.
    documents
        The articles at hand: the file's digest and spellings are checked against its article if it is there.

    Raises
    ------
    SourceFileError
        The file is not a YAML mapping, or its document is not described well enough to cite.
    """
    report = LoadReport(read=1)
    try:
        root = Record(read_yaml(path), path.name, ("document", "licence", "things", "claims", "corrections"))
        if "document" not in root.fields:
            raise root.fault("document", "missing", "every such record needs it")
        things, claims = root.headings("things"), root.headings("claims")
        declared = _declared(report, path.name, things)
        described = Record(root.fields["document"], "document", _DOCUMENT_FIELDS)
        document = _document(described, declared)
        licence = root.optional("licence", str) or ""
    except Fault as fault:
        where = f"{fault.field}: {fault.reason}"
        raise SourceFileError(path.name, fault.line, where, fault.remedy) from fault
    result = ClaimsFile(document, licence, list(declared.values()), report=report)
    for doubt in _against_text(result, described, things, documents):
        report.warnings.append(Rejection(path.name, doubt.line, doubt.field, doubt.reason, doubt.remedy))
    _take_claims(result, path.name, claims, declared)
    content = documents.text(document.sha256)
    report.unquoted = len(result.claims) if content is None else 0
    for claim, reason in unfounded(result.claims, {thing_iri(thing.key): thing for thing in result.things}, content):
        where = f"claims.{claim.subject.removeprefix(BASE)}.{claim.predicate.rpartition('#')[2]}"
        report.warnings.append(Rejection(path.name, result.lines[claim.id], where, reason, REMEDY))
    for item in members(root.fields.get("corrections")):
        report.read += 1
        with rejecting(report, path.name, "corrections"):
            result.corrections.append(_correction(document, item, declared))
    return result


def _declared(report: LoadReport, file: str, listed: Fields) -> dict[str, Thing]:
    """Return the things that a file declares, by key; those that it declares wrongly go to the report."""
    things = {}
    _reject_repeated(report, file, "things", listed)
    for key, node in listed.items():
        report.read += 1
        with rejecting(report, file, key):
            things[key] = _thing(key, node)
    return things


def _thing(key: str, node: Located) -> Thing:
    where = f"things.{key}"
    try:
        thing_iri(key)
    except ValueError as error:
        raise Fault(node.line, where, str(error), "write a key such as organisation/serco") from error
    record = Record(node, where, ("label", "class", "spelled"))
    kind = key.partition("/")[0]
    if "class" in record.fields and kind not in REGISTERED_KINDS:
        raise record.fault("class", f"the class of a {kind} is a claim of its own", "write type: under its claims")
    record.optional("class", read_class)
    label = record.read("label", str)
    aliases = tuple(alias for alias in record.every("spelled", str) if alias != label)
    return Thing(key, label, record.optional("class", str) or KINDS[kind], aliases)


def _document(record: Record, declared: Mapping[str, Thing]) -> Document:
    record.read("issued", fields.days)
    earliest, latest = record.read("issuedEarliest", fields.days)[0], record.read("issuedLatest", fields.days)[1]
    if latest < earliest:
        raise record.fault("issuedLatest", "before issuedEarliest", "correct one of the two")
    return Document(
        file=record.read("file", str),
        sha256=record.read("sha256", _digest),
        characters=record.read("characters", fields.count),
        label=record.read("label", str),
        issued=record.read("issued", str),
        issued_earliest=earliest,
        issued_latest=latest,
        trust=record.optional("trust", fields.term, _TRUST) or _TRUST[0],
        publisher=record.optional("publisher", fields.thing, declared),
        authors=record.every("author", fields.thing, declared),
    )


def _digest(text: str) -> str:
    if re.fullmatch(r"[0-9a-f]{64}", text) is None:
        raise ValueFault("no SHA-256", "give the file's digest: 64 digits 0-9 and a-f")
    return text


def _against_text(result: ClaimsFile, described: Record, things: Fields, documents: Documents) -> list[Fault]:
    """Return what of the document and of the spellings is not so in the article, where that is at hand."""
    document, faults = result.document, []
    at_hand = documents.digest_of(document.file)
    if at_hand not in (None, document.sha256):
        reason = f"digest mismatch: the {document.file} at hand has {at_hand}"
        remedy = "correct it, or get the right version; until then nothing is quoted"
        faults.append(described.fault("sha256", reason, remedy))
    content = documents.text(document.sha256)
    if content is None:
        return faults
    if len(content) != document.characters:
        faults.append(described.fault("characters", f"the document has {len(content)}", "correct it"))
    for thing in result.things:
        for alias in thing.aliases:
            if alias not in content:
                where, reason = f"things.{thing.key}.spelled", f"{alias!r} is not in the document"
                faults.append(Fault(things[thing.key].line, where, reason, "correct it"))
    return faults


def _take_claims(result: ClaimsFile, file: str, node: Fields, declared: Mapping[str, Thing]) -> None:
    drafts: dict[str, tuple[Claim, Record]] = {}
    keys: dict[str, str] = {}
    _reject_repeated(result.report, file, "claims", node)
    for subject, listed in node.items():
        for item in members(listed):
            result.report.read += 1
            with rejecting(result.report, file, subject):
                claim, record = _claim(result.document, subject, item, declared)
                key = _key(claim, record, drafts, keys)
                drafts[claim.id] = claim, record
                if key is not None:
                    keys[key] = claim.id
    while True:
        linked = {}
        for claim, record in drafts.values():
            with rejecting(result.report, file, claim.subject):
                contradicts, derived_from = (_linked(record, link, keys, claim.id) for link in _LINKS)
                linked[claim.id] = replace(claim, contradicts=contradicts, derived_from=derived_from)
        if len(linked) == len(drafts):
            break
        # What refers to a claim that fell out has to fall out too.
        drafts = {id_: drafts[id_] for id_ in linked}
        keys = {key: id_ for key, id_ in keys.items() if id_ in drafts}
    result.claims = list(linked.values())
    result.lines = {id_: record.fields.line for id_, (_, record) in drafts.items()}


def _key(
    claim: Claim, record: Record, drafts: Mapping[str, tuple[Claim, Record]], keys: Mapping[str, str]
) -> str | None:
    if claim.id in drafts:
        reason = f"the same claim as in line {drafts[claim.id][1].fields.line}"
        raise Fault(record.fields.line, record.where, reason, "remove one of the two")
    key = record.optional("key", str)
    if key is not None and key in keys:
        reason = f"{key!r} is the key of the claim in line {drafts[keys[key]][1].fields.line}"
        raise Fault(record.fields.line, f"{record.where}.key", reason, "give each claim a key of its own")
    return key


def _claim(document: Document, subject: str, node: Located, declared: Mapping[str, Thing]) -> tuple[Claim, Record]:
    where = f"claims.{subject}"
    if subject not in declared:
        raise Fault(node.line, where, f"{subject!r} is not declared", "declare it under things: in the same file")
    record = Record(node, where, (*properties_of_things(), "type", *_BESIDE))
    stated = [name for name in record.fields if name not in _BESIDE]
    if len(stated) != 1:
        found = ", ".join(stated) or "none"
        raise Fault(node.line, where, f"states {found}", "write one claim for one property and one value")
    place = record.read("at", fields.evidence, document.sha256, document.characters)
    marks = Marks(**{mark: record.optional(mark, fields.term, words) or words[0] for mark, words in MARKS.items()})
    predicate, read = _stated(record, stated[0], declared)
    if marks.certainty == "reported" and "saidBy" not in record.fields:
        raise record.fault("saidBy", "missing", "a reported claim names whose word it is")
    triple = (thing_iri(subject), predicate, read.value)
    claim = Claim(
        claim_id(place, triple, marks),
        *triple,
        evidence=place,
        marks=marks,
        said_by=record.optional("saidBy", fields.thing, declared),
        bounds=read.bounds,
        method=record.optional("method", str),
        rejected=record.optional("rejected", str),
    )
    return claim, record


def _stated(record: Record, name: str, declared: Mapping[str, Thing]) -> tuple[str, ReadValue]:
    if name == "type":
        return RDF_TYPE.value, ReadValue(record.read("type", read_class))
    term = properties()[name]
    if term.is_derived:
        raise record.fault(name, f"{name} is derived", "state what it follows from")
    return term.iri, record.read(name, read_value, term, declared)


def _linked(record: Record, link: str, keys: Mapping[str, str], own: str) -> tuple[str, ...]:
    def other(key: str) -> str:
        if keys.get(key) == own:
            raise ValueFault("refers to the claim itself", "name another claim")
        if key not in keys:
            remedy = nearest(key, keys) if keys else "give the other claim that key:"
            raise ValueFault(f"no usable claim of this file has the key {key!r}", remedy)
        return keys[key]

    return tuple(fields.converted(one, f"claims.{link}", other) for one in members(record.fields.get(link)))


def _correction(document: Document, item: Located, declared: Mapping[str, Thing]) -> Correction:
    record = Record(item, "corrections", ("of", "says", "ground", "at"))
    return Correction(
        of=record.read("of", fields.thing, declared),
        says=record.read("says", str),
        ground=record.read("ground", str),
        evidence=record.read("at", fields.evidence, document.sha256, document.characters),
    )


def _reject_repeated(report: LoadReport, file: str, where: str, node: Fields) -> None:
    for name, line in node.repeated:
        report.read += 1
        with rejecting(report, file, name):
            raise Fault(line, f"{where}.{name}", "given twice", "write everything about it under one heading")
