"""EDTF text, and the days it can mean."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicgraph.graph.records.dates import DateBounds, DateError, parse_date


def bounds(earliest: str | None, latest: str | None) -> DateBounds:
    return DateBounds(*(None if day is None else date.fromisoformat(day) for day in (earliest, latest)))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2014-03-03", "2014-03-03", "2014-03-03"),
        ("2014-03", "2014-03-01", "2014-03-31"),
        ("2014", "2014-01-01", "2014-12-31"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("2004-XX", "2004-01-01", "2004-12-31"),
        ("2001-21", "2001-03-01", "2001-05-31"),
    ],
)
def test_bounds_of_exact_dates(text: str, earliest: str, latest: str) -> None:
    assert parse_date(text) == bounds(earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2014-03-03~", "2014-03-02", "2014-03-04"),
        ("2016-03-01~", "2016-02-29", "2016-03-02"),
        ("2014-06~", "2014-05-01", "2014-07-31"),
        ("2014-12~", "2014-11-01", "2015-01-31"),
        ("2014-01?", "2013-12-01", "2014-02-28"),
        ("2006~", "2005-01-01", "2007-12-31"),
        ("2006%", "2005-01-01", "2007-12-31"),
    ],
)
def test_inexact_dates_reach_one_unit_further_on_either_side(text: str, earliest: str, latest: str) -> None:
    assert parse_date(text) == bounds(earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2009/2012", "2009-01-01", "2012-12-31"),
        ("2009-05/2009-05", "2009-05-01", "2009-05-31"),
        ("2004-06~/2004-08~", "2004-05-01", "2004-09-30"),
        ("../2016-04", None, "2016-04-30"),
        ("2013/..", "2013-01-01", None),
        ("2013/", "2013-01-01", None),
        ("/2013", None, "2013-12-31"),
        ("../..", None, None),
    ],
)
def test_an_interval_is_open_where_it_gives_no_end(text: str, earliest: str | None, latest: str | None) -> None:
    assert parse_date(text) == bounds(earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("[2011-05-25..2011-06-02]", "2011-05-25", "2011-06-02"),
        ("[2013-03..2014-03-03]", "2013-03-01", "2014-03-03"),
        ("[2006~..2008]", "2005-01-01", "2008-12-31"),
        ("[2013-11..]", "2013-11-01", None),
        ("[..2016-04]", None, "2016-04-30"),
    ],
)
def test_some_time_within_has_the_bounds_of_the_span(text: str, earliest: str | None, latest: str | None) -> None:
    assert parse_date(text) == bounds(earliest, latest)


@pytest.mark.parametrize("text", ["[2012..2011]", "[2011]..", "[2011..2012", "2011..2012", "[2011/2012]"])
def test_other_sets_are_refused(text: str) -> None:
    with pytest.raises(DateError):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "soon",
        "unknown",
        "3 June 2011",
        "04/05/2014",
        "20140303",
        "2014-3-3",
        "2014-13",
        "2014-02-30",
        "2003-02-29",
        "-0044",
        "2001/2002/2003",
        "2001//2002",
        "２０１４",
        # The parser passes over white space, and the sign behind it would be lost.
        " 2014",
        "2014\n",
        "2014~ ",
        # Level 2 says of each part whether it is inexact: read without that, the bounds would be too narrow.
        "~2014",
        "2014-~03",
        "2014-03-~03",
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(DateError, match="is not a date"):
        parse_date(text)


@pytest.mark.parametrize("text", ["2012/2009", "2012-05-06/2012-05-05", "9999/0001"])
def test_an_interval_that_ends_before_it_begins_is_refused(text: str) -> None:
    with pytest.raises(DateError, match="ends before it begins"):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    ["9" * 100_000, "/" * 100_000, "2014/" * 20_000, "2014-" * 20_000, "[2014," * 20_000, "Y" + "9" * 5_000],
    ids=lambda text: text[:6],
)
def test_a_text_of_absurd_length_is_refused_in_few_words(text: str) -> None:
    with pytest.raises(DateError) as refused:
        parse_date(text)
    assert len(str(refused.value)) < 200


def test_the_first_and_the_last_year_of_the_calendar() -> None:
    assert parse_date("0001") == bounds("0001-01-01", "0001-12-31")
    assert parse_date("9999") == bounds("9999-01-01", "9999-12-31")
    assert parse_date("9999-12-31") == bounds("9999-12-31", "9999-12-31")


@pytest.mark.parametrize("text", ["0000", "0000-01-01", "0001~", "9999~", "9999-12-31~", "Y10000", "Y170000000000000"])
def test_a_date_that_can_mean_a_day_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(DateError):
        parse_date(text)


def test_only_a_single_day_is_exact() -> None:
    assert parse_date("2014-03-03").is_exact
    assert not any(parse_date(text).is_exact for text in ("2014-03", "2014-03-03~", "2014-03-03/..", "../.."))


@given(st.dates())
def test_a_day_is_itself(day: date) -> None:
    assert parse_date(day.isoformat()) == DateBounds(day, day)


# Dates of all precisions away from the ends of the calendar, where a wider bound still is a date.
DAYS = st.dates(date(1000, 1, 1), date(9000, 12, 31))
DATES = st.builds(
    lambda day, length, sign: day.isoformat()[:length] + sign,
    DAYS,
    st.sampled_from([4, 7, 10]),
    st.sampled_from(["", "~", "?", "%"]),
)


@settings(max_examples=30)
@given(DATES)
def test_the_earliest_day_is_never_after_the_latest(text: str) -> None:
    found = parse_date(text)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest <= found.latest


@settings(max_examples=30)
@given(DAYS, st.sampled_from([4, 7, 10]))
def test_a_date_holds_every_day_that_begins_with_it_and_no_other(day: date, length: int) -> None:
    found = parse_date(day.isoformat()[:length])
    assert found.earliest is not None
    assert found.latest is not None
    held = [found.earliest + timedelta(days=n) for n in range((found.latest - found.earliest).days + 1)]
    assert day in held
    assert {each.isoformat()[:length] for each in held} == {day.isoformat()[:length]}
    beyond = (found.earliest - timedelta(days=1), found.latest + timedelta(days=1))
    assert all(each.isoformat()[:length] != day.isoformat()[:length] for each in beyond)


@settings(max_examples=30)
@given(DATES)
def test_an_inexact_date_holds_the_exact_one(text: str) -> None:
    exact, about = parse_date(text.rstrip("~?%")), parse_date(text.rstrip("~?%") + "~")
    assert exact.earliest is not None
    assert about.earliest is not None
    assert exact.latest is not None
    assert about.latest is not None
    assert about.earliest < exact.earliest
    assert about.latest > exact.latest


@settings(max_examples=30)
@given(DATES | st.just("..") | st.just(""), DATES | st.just("..") | st.just(""))
def test_an_interval_reaches_from_the_first_bound_of_one_date_to_the_last_of_the_other(first: str, last: str) -> None:
    earliest = None if first in {"", ".."} else parse_date(first).earliest
    latest = None if last in {"", ".."} else parse_date(last).latest
    if earliest is not None and latest is not None and earliest > latest:
        with pytest.raises(DateError):
            parse_date(f"{first}/{last}")
    else:
        assert parse_date(f"{first}/{last}") == DateBounds(earliest, latest)


@given(st.text(alphabet="0123456789XY~?%/-.[]{},ET: uS", max_size=24))
def test_any_text_is_a_date_in_order_or_is_refused(text: str) -> None:
    try:
        found = parse_date(text)
    except DateError:
        return
    assert found.earliest is None or found.latest is None or found.earliest <= found.latest
