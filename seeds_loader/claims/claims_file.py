"""A claims file, one document with its things and claims, to typed records; every fault with its line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from civicgraph.graph.records.iris import BASE, KINDS, REGISTERED_KINDS, thing_iri
from civicgraph.graph.records.quads import RDF_TYPE, claim_id
from civicgraph.graph.records.types import Claim, Correction, Document, Marks, Rejection, Thing
from civicgraph.ontology.read import properties
from civicgraph.seeds_loader.claims import fields
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.claims.fields import Fault
from civicgraph.seeds_loader.claims.values import ReadValue, properties_of_things, read_class, read_value
from civicgraph.seeds_loader.claims.wording import REMEDY, unfounded
from civicgraph.seeds_loader.faults import SourceFileError, nearest
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.yaml_lines import Located, read_yaml

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
    root = read_yaml(path)
    try:
        fields.check_fields(root, ("document", "licence", "things", "claims", "corrections"), path.name)
        node = fields.present(root, "document", path.name)
        things, claims = (fields.mapping(root, name) for name in ("things", "claims"))
        report = LoadReport(read=1)
        declared = _declared(report, path.name, things)
        document = _document(node, declared)
        licence = _optional_text(root, "licence", path.name) or ""
    except Fault as fault:
        where = f"{fault.field}: {fault.reason}"
        raise SourceFileError(path.name, fault.line, where, fault.remedy) from fault
    result = ClaimsFile(document, licence, list(declared.values()), report=report)
    _compare_with_text(result, node, things, path.name, documents)
    result.claims = _claims(result, path.name, claims, declared)
    content = documents.text(document.sha256)
    result.report.unquoted = len(result.claims) if content is None else 0
    for claim, reason in unfounded(result.claims, {thing_iri(thing.key): thing for thing in result.things}, content):
        where = f"claims.{claim.subject.removeprefix(BASE)}.{claim.predicate.rpartition('#')[2]}"
        result.report.warnings.append(Rejection(path.name, result.lines[claim.id], where, reason, REMEDY))
    result.corrections = list(_corrections(result, path.name, fields.optional(root, "corrections"), declared))
    return result


def _declared(report: LoadReport, file: str, listed: Located) -> dict[str, Thing]:
    """Return the things that a file declares, by key; those that it declares wrongly go to the report."""
    things = {}
    _reject_repeated(report, file, "things", listed)
    for key, node in (listed.fields or {}).items():
        report.read += 1
        try:
            things[key] = _thing(key, node)
        except Fault as fault:
            report.reject(_rejection(file, fault, key))
    return things


def _thing(key: str, node: Located) -> Thing:
    where = f"things.{key}"
    try:
        thing_iri(key)
    except ValueError as error:
        raise Fault(node.line, where, str(error), "write a key such as organisation/serco") from error
    fields.check_fields(node, ("label", "class", "spelled"), where)
    kind = key.partition("/")[0]
    cls = fields.optional(node, "class")
    if cls is not None:
        if kind not in REGISTERED_KINDS:
            reason = f"the class of a {kind} is a claim of its own"
            raise Fault(cls.line, f"{where}.class", reason, "write type: under its claims")
        fields.converted(cls, f"{where}.class", read_class)
    label = fields.text(node, "label", where)
    spelled = [
        fields.converted(alias, f"{where}.spelled", str) for alias in fields.members(fields.optional(node, "spelled"))
    ]
    aliases = tuple(alias for alias in spelled if alias != label)
    return Thing(key, label, KINDS[kind] if cls is None else cls.text, aliases)


def _document(node: Located, declared: Mapping[str, Thing]) -> Document:
    where = "document"
    fields.check_fields(node, _DOCUMENT_FIELDS, where)
    sha256 = fields.text(node, "sha256", where)
    if re.fullmatch(r"[0-9a-f]{64}", sha256) is None:
        line = fields.present(node, "sha256", where).line
        raise Fault(line, "document.sha256", "no SHA-256", "give the file's digest: 64 digits 0-9 and a-f")
    fields.days(node, "issued", where)
    earliest, latest = fields.days(node, "issuedEarliest", where)[0], fields.days(node, "issuedLatest", where)[1]
    if latest < earliest:
        line = fields.present(node, "issuedLatest", where).line
        raise Fault(line, "document.issuedLatest", "before issuedEarliest", "correct one of the two")
    publisher = fields.optional(node, "publisher")
    authors = fields.members(fields.optional(node, "author"))
    return Document(
        file=fields.text(node, "file", where),
        sha256=sha256,
        characters=fields.whole_number(node, "characters", where),
        label=fields.text(node, "label", where),
        issued=fields.text(node, "issued", where),
        issued_earliest=earliest,
        issued_latest=latest,
        trust=fields.one_of(node, "trust", _TRUST, where),
        publisher=None if publisher is None else fields.thing(publisher, "document.publisher", declared),
        authors=tuple(fields.thing(author, "document.author", declared) for author in authors),
    )


def _compare_with_text(result: ClaimsFile, node: Located, things: Located, file: str, documents: Documents) -> None:
    document = result.document

    def warn(line: int, name: str, reason: str, remedy: str) -> None:
        result.report.warnings.append(Rejection(file, line, name, reason, remedy))

    at_hand = documents.digest_of(document.file)
    if at_hand not in (None, document.sha256):
        line = fields.present(node, "sha256", "document").line
        reason = f"digest mismatch: the {document.file} at hand has {at_hand}"
        warn(
            line,
            "document.sha256",
            reason,
            "correct it, or get the right version; until then nothing is quoted",
        )
    content = documents.text(document.sha256)
    if content is None:
        return
    if len(content) != document.characters:
        line = fields.present(node, "characters", "document").line
        warn(line, "document.characters", f"the document has {len(content)}", "correct it")
    for thing in result.things:
        for alias in thing.aliases:
            if alias not in content:
                line = (things.fields or {})[thing.key].line
                warn(line, f"things.{thing.key}.spelled", f"{alias!r} is not in the document", "correct it")


def _claims(result: ClaimsFile, file: str, node: Located, declared: Mapping[str, Thing]) -> list[Claim]:
    drafts: dict[str, tuple[Claim, Located]] = {}
    keys: dict[str, str] = {}
    _reject_repeated(result.report, file, "claims", node)
    for subject, listed in (node.fields or {}).items():
        for item in fields.members(listed):
            result.report.read += 1
            try:
                claim = _claim(result.document, subject, item, declared)
                key = _key(claim, item, drafts, keys)
            except Fault as fault:
                result.report.reject(_rejection(file, fault, subject))
                continue
            drafts[claim.id] = claim, item
            if key is not None:
                keys[key] = claim.id
    while True:
        linked = []
        for claim, item in drafts.values():
            try:
                contradicts, derived_from = (_linked(item, link, keys, claim.id) for link in _LINKS)
            except Fault as fault:
                result.report.reject(_rejection(file, fault, claim.subject))
                continue
            linked.append(replace(claim, contradicts=contradicts, derived_from=derived_from))
        if len(linked) == len(drafts):
            result.lines = {claim.id: item.line for claim, item in drafts.values()}
            return linked
        # What refers to a claim that fell out has to fall out too.
        drafts = {claim.id: drafts[claim.id] for claim in linked}
        keys = {key: claim for key, claim in keys.items() if claim in drafts}


def _key(
    claim: Claim, item: Located, drafts: Mapping[str, tuple[Claim, Located]], keys: Mapping[str, str]
) -> str | None:
    where = "claims." + claim.subject.removeprefix(BASE)
    if claim.id in drafts:
        reason = f"the same claim as in line {drafts[claim.id][1].line}"
        raise Fault(item.line, where, reason, "remove one of the two")
    key = _optional_text(item, "key", where)
    if key is not None and key in keys:
        reason = f"{key!r} is the key of the claim in line {drafts[keys[key]][1].line}"
        raise Fault(item.line, f"{where}.key", reason, "give each claim a key of its own")
    return key


def _claim(document: Document, subject: str, node: Located, declared: Mapping[str, Thing]) -> Claim:
    where = f"claims.{subject}"
    if subject not in declared:
        raise Fault(node.line, where, f"{subject!r} is not declared", "declare it under things: in the same file")
    fields.check_fields(node, (*properties_of_things(), "type", *_BESIDE), where)
    stated = [name for name in node.fields or {} if name not in _BESIDE]
    if len(stated) != 1:
        found = ", ".join(stated) or "none"
        raise Fault(node.line, where, f"states {found}", "write one claim for one property and one value")
    place = fields.evidence(node, where, document.sha256, document.characters)
    marks = Marks(**{mark: fields.one_of(node, mark, words, where) for mark, words in MARKS.items()})
    predicate, read = _stated(node, stated[0], where, declared)
    said_by = fields.optional(node, "saidBy")
    if marks.certainty == "reported" and said_by is None:
        raise Fault(node.line, f"{where}.saidBy", "missing", "a reported claim names whose word it is")
    triple = (thing_iri(subject), predicate, read.value)
    return Claim(
        claim_id(place, triple, marks),
        *triple,
        evidence=place,
        marks=marks,
        said_by=None if said_by is None else fields.thing(said_by, f"{where}.saidBy", declared),
        bounds=read.bounds,
        method=_optional_text(node, "method", where),
        rejected=_optional_text(node, "rejected", where),
    )


def _stated(node: Located, name: str, where: str, declared: Mapping[str, Thing]) -> tuple[str, ReadValue]:
    value = fields.present(node, name, where)
    if name == "type":
        return RDF_TYPE.value, ReadValue(fields.converted(value, f"{where}.type", read_class))
    term = properties()[name]
    if term.is_derived:
        raise Fault(value.line, f"{where}.{name}", f"{name} is derived", "state what it follows from")
    return term.iri, fields.converted(value, f"{where}.{name}", lambda text: read_value(term, text, declared))


def _linked(node: Located, link: str, keys: Mapping[str, str], own: str) -> tuple[str, ...]:
    found = []
    for other in fields.members(fields.optional(node, link)):
        if keys.get(other.text or "") == own:
            raise Fault(other.line, f"claims.{link}", "refers to the claim itself", "name another claim")
        if other.text is None or other.text not in keys:
            reason = f"no usable claim of this file has the key {other.text!r}"
            remedy = nearest(other.text or "", keys) if keys else "give the other claim that key:"
            raise Fault(other.line, f"claims.{link}", reason, remedy)
        found.append(keys[other.text])
    return tuple(found)


def _corrections(
    result: ClaimsFile, file: str, node: Located | None, declared: Mapping[str, Thing]
) -> Iterator[Correction]:
    where = "corrections"
    for item in fields.members(node):
        result.report.read += 1
        try:
            fields.check_fields(item, ("of", "says", "ground", "at"), where)
            yield Correction(
                of=fields.thing(fields.present(item, "of", where), f"{where}.of", declared),
                says=fields.text(item, "says", where),
                ground=fields.text(item, "ground", where),
                evidence=fields.evidence(item, where, result.document.sha256, result.document.characters),
            )
        except Fault as fault:
            result.report.reject(_rejection(file, fault, where))


def _reject_repeated(report: LoadReport, file: str, where: str, node: Located) -> None:
    for name, line in node.repeated:
        report.read += 1
        fault = Fault(line, f"{where}.{name}", "given twice", "write everything about it under one heading")
        report.reject(_rejection(file, fault, name))


def _optional_text(node: Located, name: str, where: str) -> str | None:
    return fields.text(node, name, where) if fields.optional(node, name) is not None else None


def _rejection(file: str, fault: Fault, record: str) -> Rejection:
    return Rejection(file, fault.line, fault.field, fault.reason, fault.remedy, record)
