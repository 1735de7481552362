"""What cells say: amounts, days, numbers of registers, text."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.identifiers import charity_identifier, company_identifier
from civicgraph.seeds_loader.tables.cells import (
    order_evidence,
    read_amount,
    read_day,
)
from civicgraph.seeds_loader.text import clean_text

PENCE = st.integers(-(10**13), 10**13)
DAYS = st.dates(date(1990, 1, 1), date(2068, 12, 31))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.5"),
        ("£ -", "0"),
        (" -   ", "0"),
        (" £1,234.50 ", "1234.50"),
        ("£ 1,234,567", "1234567"),
        ("(1,234.50)", "-1234.50"),
        ("(£12)", "-12"),
        ("-£12.10", "-12.10"),
        ("£-12.10", "-12.10"),
        ("12.10-", "-12.10"),
        ("12.10 CR", "-12.10"),
        ("12.10DR", "12.10"),
        ("\u221212", "-12"),
        ("1\u00a0234.50", "1234.50"),
        ("+5", "5"),
        (".5", "0.5"),
        ("12.", "12"),
        ("GBP 12", "12"),
        ("Â£12.10", "12.10"),
        ("1.234567E+6", "1234567"),
        ("5E-1", "0.5"),
        ("7956.420000000001", "7956.42"),
        ("5.684341886080802E-14", "0"),
    ],
)
def test_amounts(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("1.2E+06", "rounded"),
        ("1E5", "rounded"),
        ("€12", "not in pounds"),
        ("$12", "not in pounds"),
        ("1.234,56", "not an amount"),
        ("1,23", "not an amount"),
        ("12,34,567", "not an amount"),
        ("NaN", "not an amount"),
        ("Infinity", "not an amount"),
        ("1_000", "not an amount"),
        ("--5", "not an amount"),
        ("#REF!", "not an amount"),
        ("=SUM(A1:A9)", "formula"),
        ("9" * 40, "not an amount"),
    ],
)
def test_what_is_no_amount(text: str, reason: str) -> None:
    with pytest.raises(ValueFault, match=reason):
        read_amount(text)


@given(PENCE, st.sampled_from(["{:.2f}", "{:,.2f}", "£{:,.2f}", " {:.2f}\u00a0"]))
def test_an_amount_reads_as_it_was_written(pence: int, form: str) -> None:
    amount = Decimal(pence) / 100
    assert read_amount(form.format(amount)) == amount
    if amount > 0:
        assert read_amount("(" + form.format(amount).strip() + ")") == -amount


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-10-31", "2019-10-31"),
        ("2019-10-31 00:00:00", "2019-10-31"),
        ("2019-10-31T12:30:00Z", "2019-10-31"),
        ("2019/10/31", "2019-10-31"),
        ("2012-10-01l", "2012-10-01"),
        ("31/10/2019", "2019-10-31"),
        ("1/2/19", "2019-02-01"),
        ("31.10.2019", "2019-10-31"),
        ("31-10-2019 09:15", "2019-10-31"),
        ("31-Oct-19", "2019-10-31"),
        ("31 October 2019", "2019-10-31"),
        ("1st Sept 2019", "2019-09-01"),
        ("31OCT2019", "2019-10-31"),
        ("October 31, 2019", "2019-10-31"),
        ("Oct-19", "2019-10-01"),
        ("October 2019", "2019-10-01"),
        ("10/2019", "2019-10-01"),
        ("2019-10", "2019-10-01"),
        ("201910", "2019-10-01"),
        ("20191031", "2019-10-31"),
        ("43769", "2019-10-31"),
        ("43769.0", "2019-10-31"),
    ],
)
def test_days(text: str, day: str) -> None:
    assert read_day(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["", "31/02/2019", "12/31/2019", "2019", "12345", "0000-00-00", "Total", "31/10", "99999999"]
)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueFault):
        read_day(text)


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%Y%m%d"]))
def test_a_day_reads_as_it_was_written(day: date, form: str) -> None:
    assert read_day(day.strftime(form)) == day


@given(DAYS)
def test_the_month_may_come_first_and_spreadsheets_count_days(day: date) -> None:
    assert read_day(day.strftime("%m/%d/%Y"), month_first=True) == day
    assert read_day(str((day - date(1899, 12, 30)) // timedelta(days=1))) == day


@given(DAYS)
def test_only_a_day_over_twelve_tells_the_order(day: date) -> None:
    assert order_evidence(day.strftime("%d/%m/%Y")) == ("day first" if day.day > 12 else None)
    assert order_evidence(day.strftime("%m/%d/%Y")) == ("month first" if day.day > 12 else None)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("01234567", "GB-COH-01234567"),
        ("1234567", "GB-COH-01234567"),
        ("1234567.0", "GB-COH-01234567"),
        ("OC301234", "GB-COH-OC301234"),
        ("sc 12345", "GB-COH-SC012345"),
        ("R0000123", "GB-COH-R0000123"),
        ("IP27441R", "GB-COH-IP27441R"),
        ("GB-COH-01234567", "GB-COH-01234567"),
        ("", None),
        ("0", None),
        ("00000000", None),
        ("123456789", None),
        ("XX123456", None),
        ("n/a", None),
    ],
)
def test_company_numbers(text: str, identifier: str | None) -> None:
    assert company_identifier(text) == identifier


def test_charity_numbers() -> None:
    assert charity_identifier(" 1089464 ") == "GB-CHC-1089464"
    assert charity_identifier("1089464-1") == "GB-CHC-1089464"
    assert charity_identifier("SC038092") == "GB-SC-SC038092"
    assert charity_identifier("12") is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a \t b\u00a0 c ", "a b c"),
        ("a\x00b\x1bc\u200bd", "a b cd"),
        ("Server VMÂ® Virtual", "Server VM® Virtual"),
        ("Memstoreâ„¢ Cloud – â€“ both", "Memstore™ Cloud – – both"),
        ("Womenâ€™s Aid Â£500", "Women’s Aid £500"),
        ("CafÃ© SociÃ©tÃ©", "Café Société"),
        ("CAFÉ™ ÂNE à la crème", "CAFÉ™ ÂNE à la crème"),
        ("Ynys Môn ŷ", "Ynys Môn ŷ"),
    ],
)
def test_text_is_mended_and_sound_text_left(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@given(st.text())
def test_mending_once_is_enough_and_leaves_no_control_characters(text: str) -> None:
    once = clean_text(text)
    assert once == " ".join(once.split())
    assert once.isascii() is False or once.isprintable()


@given(st.text(alphabet="abcéüôñ’–£® ", max_size=20))
def test_what_was_read_as_cp1252_comes_back(text: str) -> None:
    assert clean_text(text.encode().decode("cp1252")) == clean_text(text)
