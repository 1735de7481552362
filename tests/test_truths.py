"""Which figures that others published hold on the shared data; see `docs/truths.yaml`."""

import pytest

from tests import truths
from tests.truths import DATA, PAGE, TRUTHS, Truth

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real files are not at {DATA}, beside the checkout")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    return truths.work_out(tmp_path_factory.mktemp("truths"))


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: str(truth.told["what"]))
def test_a_published_figure_holds_or_differs_as_is_said(truth: Truth, ours: dict[str, float]) -> None:
    found = ours[truth.told["what"]]
    assert truth.holds(found) is not truth.is_open
    if truth.is_open:
        assert found == pytest.approx(truth.told["ours"], abs=0.5 if truth.figure > 1 else 1e-5)


def test_the_page_says_what_the_book_does(ours: dict[str, float]) -> None:
    assert PAGE.read_text(encoding="utf-8") == truths.page(ours), "write it anew: python tests/truths.py"
