"""What a person may get wrong in Turtle is caught by `civicgraph check`, each with a message that says what is right.

Each snippet is put beside sound data, and is written as somebody would who uses the terms from memory. The first
fourteen were once not caught, nor were the seven that begin with a contract that replaces itself.
"""

from functools import cache

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.snapshot.check import Finding, check
from civicgraph.ontology.read import ONTOLOGY_FILES, ONTOLOGY_IRI, read_text
from tests.ontology.test_integrity import PREFIXES

SOUND = """cg:established {
    cg:established cg:asOf "2020-06-30"^^xsd:date .
    :kent a cg:Council, cg:PublicBody, cg:Organisation, cg:Agent, cg:Buyer ; rdfs:label "Kent" .
    :dover a cg:Council, cg:PublicBody, cg:Organisation, cg:Agent, cg:Buyer ; rdfs:label "Dover" .
    :serco a cg:Company, cg:Organisation, cg:Agent, cg:Supplier ; rdfs:label "Serco" .
    :capita a cg:Company, cg:Organisation, cg:Agent, cg:Supplier ; rdfs:label "Capita" .
    :jo a cg:Person, cg:Agent ; rdfs:label "Jo" .
    :england a cg:Place ; rdfs:label "England" ; cg:level "country" .
    :source a cg:Source ; rdfs:label "A file" ; cg:sha256
        "0000000000000000000000000000000000000000000000000000000000000000" .
    :c a cg:Contract ; rdfs:label "IT for Kent" ; cg:buyer :kent ; cg:supplier :serco ;
        cg:start "2019-01-01"^^xsd:date ; cg:end "2021-01-01"^^xsd:date ; prov:wasDerivedFrom :source .
    :d a cg:Contract ; rdfs:label "IT for Dover" ; cg:buyer :dover ; cg:supplier :capita ; prov:wasDerivedFrom :source .
    :s a cg:Service ; rdfs:label "Payroll for Kent" ; cg:customer :kent ; cg:provider :serco ; cg:underContract :c .
    :event a cg:Event, cg:Merger ; rdfs:label "A merger" .
    :o a cg:Ownership ; rdfs:label "Serco as owner of Capita" ; cg:owner :serco ; cg:owned :capita .
    :number a cg:Statistic ; rdfs:label "A number" ; cg:measure "councils" ; cg:value 314 ; cg:unit "councils" .
}
"""

SNIPPETS: dict[str, tuple[str, str, str]] = {
    # What is wrong, what it is about, and words of the message.
    "currency that is none": (
        ':c cg:awardedValue 5 ; cg:currency "XQZ"',
        "c",
        "not one of ISO 4217",
    ),
    "two currencies": (':c cg:awardedValue 5 ; cg:currency "GBP", "USD"', "c", "in two currencies"),
    "buyer equals supplier": (":c cg:supplier :kent", "c", "Both sides of this deal are the same"),
    "end before termination": (':c cg:terminated "2022-01-01"^^xsd:date', "c", "after the end of its term"),
    "current that is not": (":dover cg:currentlyContractsWith :capita", "dover", "no contract between them runs"),
    "council also company": (":kent a cg:Company", "kent", "nothing can be both"),
    "undeclared property": (":c cg:suplier :serco", "c", "the ontology does not have"),
    "undeclared class": (":c a cg:Contrct", "c", "the ontology does not have"),
    "bad EDTF": (':c cg:ended "summer 2019"^^edtf:EDTF', "c", "not written as EDTF"),
    "EDTF without bounds": (':c cg:ended "2019"^^edtf:EDTF', "c", "neither an earliest nor a latest day"),
    "successor cycle": (":kent cg:successor :dover . :dover cg:successor :kent", "kent", "takes the place of itself"),
    "latitude 999": (":england cg:latitude 999.0", "england", "not on the globe"),
    "malformed identifier": (':serco cg:identifier "1234"', "serco", "not in the form of its register"),
    "control by a fifth": (":o cg:share 0.2 ; cg:controls true", "o", "holds no more than half"),
    "provider that is not the contract's supplier": (":s cg:underContract :d", "s", "supplier is somebody other"),
    "shared identifier": (
        ':serco cg:identifier "GB-COH-01234567" . :capita cg:identifier "GB-COH-01234567"',
        "serco",
        "the same identifier",
    ),
    "two values of one contract": (
        ':c cg:awardedValue 32800, 45210 ; cg:currency "GBP"',
        "c",
        "two values of what can have only one",
    ),
    "latest end before the end": (':c cg:latestEnd "2020-01-01"^^xsd:date', "c", "is before its end"),
    "awarded after its end": (':c cg:awardDate "2023-01-01"^^xsd:date', "c", "awarded after its end"),
    "reason without a day": (":c cg:endReason cg:expired", "c", "says why the contract ended and not when"),
    "reason in words": (
        ':c cg:ended "2020-01-01"^^xsd:date ; cg:endReason "poor service"',
        "c",
        "A contract ends in one way",
    ),
    "net and gross at once": (":c cg:vatBasis cg:netOfVat, cg:grossOfVat", "c", "not both"),
    "a notice of nothing": (":n a cg:Notice ; cg:noticeType cg:UK11", "n", "say of which"),
    "an extension of nothing": (
        ':x a cg:Event, cg:Extension ; rdfs:label "A year more"',
        "x",
        "name one that is described",
    ),
    "a membership in a person": (
        ':m a cg:Membership ; rdfs:label "Jo" ; cg:holder :jo ; cg:heldIn :jo',
        "m",
        "exactly one organisation",
    ),
    "a part larger than the whole": (
        (
            ':part a cg:Statistic ; rdfs:label "A part" ; cg:measure "councils" ; cg:value 315 ; '
            'cg:base :number ; cg:unit "councils"'
        ),
        "part",
        "larger than what it is a part of",
    ),
    "percent past the whole": (
        (
            ':p a cg:Statistic ; rdfs:label "A share" ; cg:measure "share" ; cg:base :number ; cg:value 189 ; '
            'cg:unit "percent"'
        ),
        "p",
        "more than a hundred percent",
    ),
    "a person as a company's owner": (
        ':q a cg:Ownership ; rdfs:label "Jo as owner" ; cg:owner :jo ; cg:owned :capita',
        "q",
        "exactly one owner, an organisation",
    ),
    "a contract that replaces itself": (":c cg:replaces :d . :d cg:replaces :c", "c", "takes the place of itself"),
    "a call-off of no framework": (
        ':p a cg:ContractingProcess ; rdfs:label "One purchase" ; cg:isFramework false . :c cg:callOffOf :p',
        "c",
        "not a framework",
    ),
    "a year that is not meant": (':d cg:end "2919-01-01"^^xsd:date', "d", "a year that cannot be meant"),
    "a supplier in its own place": (
        ':x a cg:Change, cg:Event ; rdfs:label "C" ; cg:ofContract :c ; cg:supplierAdded :bt ; cg:supplierRemoved :bt',
        "x",
        "Both sides of this deal are the same",
    ),
    "a new end before the start": (
        ':x a cg:Extension, cg:Event ; rdfs:label "E" ; cg:ofContract :c ; cg:newEnd "2018-01-01"^^xsd:date',
        "x",
        "given a new end, before it began",
    ),
    "half a place on the globe": (":england cg:latitude 52.0", "england", "one of the two is missing"),
    "a website without an address": (':kent cg:website "kent"', "kent", "an address that a browser takes"),
    "a company that owns itself": (
        ':q a cg:Ownership ; rdfs:label "Q" ; cg:owner :serco ; cg:owned :serco',
        "q",
        "another than its owner",
    ),
    "a range turned round": (
        ':x a cg:Statistic ; rdfs:label "N" ; cg:measure "m" ; cg:atLeast 5 ; cg:atMost 3 ; cg:unit "u"',
        "x",
        "above its upper end",
    ),
    "a council as a service type": (":s cg:serviceType :kent", "s", "one of the service scheme"),
    "a kind of notice that is none": (
        ':x a cg:Notice ; rdfs:label "N" ; cg:noticeOf :c ; cg:noticeType cg:UK99',
        "x",
        "of one kind, UK1 to UK17",
    ),
    "a notice period as a number": (":c cg:noticePeriod 6", "c", "a duration of years, months or days"),
    "a vesting day in words": (
        ':x a cg:Reorganisation, cg:Event ; rdfs:label "R" ; cg:predecessor :kent ; cg:vestingDay "April 2028"',
        "x",
        "one vesting day",
    ),
    "a county within its own town": (
        ':england cg:within :york . :york a cg:Place ; rdfs:label "York" ; cg:level "town" ; cg:within :england',
        "york",
        "lies within itself",
    ),
    "a value below nothing": (':c cg:awardedValue -5 ; cg:currency "GBP"', "c", "a number, 0 or more"),
    "a date as text": (':c cg:awardDate "12 May 2019"', "c", "of the wrong kind"),
    "area of more than the whole": (
        ":t a cg:AreaTransfer ; cg:transferFrom :kent ; cg:transferTo :dover ; cg:shareOfArea 40.0",
        "t",
        "at most 1, such as 0.4",
    ),
}


def found(trig: str) -> list[Finding]:
    store = Store()
    store.load(PREFIXES + trig, RdfFormat.TRIG)
    for name in ONTOLOGY_FILES:
        store.load(read_text(name), RdfFormat.TURTLE, to_graph=NamedNode(ONTOLOGY_IRI))
    return check(EmbeddedEngine(store, "test"))


@cache
def of_sound_data() -> frozenset[tuple[str, str]]:
    return frozenset((one.focus, one.message) for one in found(SOUND))


def test_sound_data_gives_no_finding_but_what_it_leaves_open() -> None:
    assert {one.severity for one in found(SOUND)} <= {"Warning"}


@pytest.mark.parametrize("name", SNIPPETS)
def test_what_is_wrong_is_caught_with_a_message(name: str) -> None:
    snippet, focus, words = SNIPPETS[name]
    new = {(one.focus, one.message) for one in found(f"{SOUND} cg:established {{ {snippet} . }}")} - of_sound_data()
    assert any(about == f"https://example.org/{focus}" and words in message for about, message in new), new


def test_there_are_enough_of_them() -> None:
    assert len(SNIPPETS) >= 45
