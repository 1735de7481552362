"""A value that does not stand in the words of its claim is warned of; what English says otherwise is let pass."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.graph.records.types import Text
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG
from civicgraph.seeds_loader.claims.claims_file import read_claims
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.claims.wording import numbers_in, unsaid
from civicgraph.seeds_loader.load import load_claims

XSD = PREFIXES["xsd"]
EDTF = PREFIXES["edtf"] + "EDTF"


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("4,236 separate breaches", [4236]),
        ("£400m to £600m", [400_000_000, 600_000_000]),
        ("£4 million a year", [1, 4_000_000]),
        ("from eight to five", [5, 8]),
        ("three, seven and nineteen", [3, 7, 19]),
        ("twenty-five thousand", [25_000]),
        ("two hundred and six thousand and forty", [206_040]),
        ("a dozen", [1, 12]),
        ("half", [Decimal("0.5")]),
        ("nobody knows", []),
    ],
)
def test_numbers_are_read_in_figures_and_in_words(words: str, numbers: list[int | Decimal]) -> None:
    found = numbers_in(words)
    assert {Decimal(number) for number in numbers} <= found
    assert len(found) <= len(numbers) + words.count("a dozen")


@given(st.integers(1, 10**12))
def test_a_number_in_figures_is_found_with_or_without_its_commas(number: int) -> None:
    value = Text(str(number), XSD + "decimal")
    assert unsaid(CG.value, value, f"some {number:,} of them", (), "") is None
    assert unsaid(CG.value, value, f"some {number} of them", (), "") is None
    assert unsaid(CG.value, value, f"some {number + 1} of them", (), "") is not None


@pytest.mark.parametrize(
    ("predicate", "value", "words"),
    [
        (CG.duration, Text("P13Y", XSD + "duration"), "for thirteen years"),
        (CG.duration, Text("P1Y6M", XSD + "duration"), "a year and 6 months"),
        (CG.duration, Text("P13Y", XSD + "duration"), "a 13-year contract"),
        (CG.duration, Text("P2Y", XSD + "duration"), "for two or three years"),
        (CG.date, Text("2012/2013", EDTF), "in 2012/13"),
        (CG.start, Text("2013-04-01", XSD + "date"), "since 2013-04-01"),
        (CG.end, Text("2013", EDTF), "in Dec 13"),
        (CG.date, Text("2019", EDTF), "In 2019, the council"),
        (CG.by, Text("2016-04", EDTF), "by April 2016"),
        (CG.date, Text("2011/2014", EDTF), "between 2011 and 2014"),
        (CG.start, Text("2013-04-01", XSD + "date"), "from 1 April 2013"),
        (CG.start, Text("2013-04-01", XSD + "date"), "from 01/04/13"),
        (CG.currency, Text("GBP", XSD + "string"), "for £385m"),
        (CG.currency, Text("CHF", XSD + "string"), "CHF 3m"),
        (CG.share, Text("0.89", XSD + "decimal"), "89 percent"),
        (CG.effect, Text("whatever the curator writes", XSD + "string"), "other words"),
    ],
)
def test_what_words_say_in_another_form_is_let_pass(predicate: str, value: Text, words: str) -> None:
    assert unsaid(predicate, value, words, (), words) is None


@pytest.mark.parametrize(
    ("predicate", "value", "words"),
    [
        (CG.duration, Text("P15Y", XSD + "duration"), "for thirteen years"),
        (CG.duration, Text("P13M", XSD + "duration"), "for thirteen years"),
        (CG.date, Text("2014", EDTF), "last March"),
        (CG.by, Text("2016-05", EDTF), "by April 2016"),
        (CG.start, Text("2013-04-02", XSD + "date"), "from 1 April 2013"),
        (CG.currency, Text("EUR", XSD + "string"), "for £385m"),
        (CG.amount, Text("999000000", XSD + "decimal"), "a contract"),
        # The number stands there, and is of something else.
        (CG.start, Text("2013", EDTF), "for 13 years"),
        (CG.start, Text("2013-04", EDTF), "4 contracts in 2013"),
        (CG.duration, Text("P13Y", XSD + "duration"), "13 people were to be employed there for two years"),
        (CG.duration, Text("P4M", XSD + "duration"), "a month after they were 4"),
    ],
)
def test_what_words_do_not_say_is_told(predicate: str, value: Text, words: str) -> None:
    assert unsaid(predicate, value, words, (), words) == f"{value.value} is not in the words"


@pytest.mark.parametrize(
    ("names", "text", "is_named"),
    [
        (("Capita",), "BT won the contract.", False),
        (("Capita",), "Capita won the contract.", True),
        (("HM Revenue and Customs",), "HMRC ran a centre.", True),
        (("Department for Transport", "DfT"), "acquired the DfT's centre", True),
        (("Joint venture of Steria and the Cabinet Office",), "Steria formed one", True),
        (("Serco",), "a sercotel", False),
        (("Capita Business Services",), "Business News: services", False),
        (("Leeds City Council",), "The council of Bradford", False),
        (("Leeds City Council",), "Leeds said", True),
        (("National Health Group",), "a national group for health", True),
        (("National Health Group",), "a national group", False),
    ],
)
def test_a_party_is_named_somewhere_in_the_document(names: tuple[str, ...], text: str, is_named: bool) -> None:
    assert (unsaid(CG.supplier, "https://w3id.org/civicgraph/id/organisation/x", "it", names, text) is None) == is_named


LIES = """\
  contract/payroll:
    - {buyer: organisation/ashby-council, at: 0-42}
    - {supplier: organisation/capita, at: 0-42}
    - {amount: 6000000, at: 0-42}
    - {currency: EUR, at: 0-42}
    - {duration: P15Y, at: 0-42}
    - {start: 2033, at: 0-42}
    - {amount: 5000000, at: 0-42}
"""


def test_loading_warns_of_each_value_that_the_words_do_not_have(
    claims_file: Callable[..., Path], article: Path
) -> None:
    path = claims_file(LIES, things="  organisation/capita: {class: Company, label: Capita}\n")
    documents = Documents(None)
    assert read_claims(path, documents).report.warnings == []
    documents.add_folder(article.parent)
    found = read_claims(path, documents)
    assert len(found.claims) == 7
    assert [(one.field.rpartition(".")[2], one.reason) for one in found.report.warnings] == [
        ("supplier", "the document does not name 'Capita'"),
        ("amount", "6000000 is not in the words 0-42"),
        ("currency", "EUR is not in the words 0-42"),
        ("duration", "P15Y is not in the words 0-42"),
        ("start", "2033 is not in the words 0-42"),
    ]
    first = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if "supplier" in line)
    assert [one.line - first for one in found.report.warnings] == [0, 1, 2, 3, 4]


def test_what_is_worked_out_is_not_held_against_the_words_but_has_grounds_and_method(
    claims_file: Callable[..., Path], article: Path
) -> None:
    documents = Documents(None)
    documents.add_folder(article.parent)
    path = claims_file(
        "  contract/payroll:\n    - {buyer: organisation/ashby-council, at: 0-42, key: bought}\n"
        "    - {start: 2033, at: 0-42, derivedFrom: [bought], method: a reckoning}\n"
        "    - {end: 2034, at: 0-42, method: a reckoning}\n    - {end: 2035, at: 0-42, derivedFrom: [bought]}\n"
    )
    assert [one.reason for one in read_claims(path, documents).report.warnings] == [
        "one of derivedFrom and method without the other"
    ] * 2


def test_claims_whose_article_is_not_at_hand_are_counted_with_the_remedy(tmp_path: Path) -> None:
    facts = Path(__file__).parents[3] / "seeds_loader" / "facts"
    report = load_claims(DataFolder(tmp_path / "data"), [facts]).report
    (told,) = [line for line in report.told() if "not at hand" in line]
    assert f"{report.unquoted:,} claims" in told
    assert "civicgraph documents DIR" in told
    assert report.unquoted > 600
