"""Payments that may be under a contract and name none, for a person to judge."""

from collections.abc import Iterable, Iterator

from civicgraph.graph.edges.account import pounds
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.identity.candidates import Candidate
from civicgraph.graph.identity.contracts import KEY, PAYMENTS
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.words import words
from civicgraph.graph.records.iris import key_of


def untied_payments(table: EdgeTable, judgements: Iterable[Judgement] = ()) -> Iterator[Candidate]:
    """Yield each contract with the payments between its parties while it runs that are under none.

    Those come first where no other contract runs between the same two, then the largest sums. What is judged already is
    left out.
    """
    judged = {key for one in judgements for key in one.keys}
    for record, label, buyer, supplier, count, money_e4, first, last, alone in table.rows(sql("untied")):
        contract = key_of(record) or record
        payments = contract.replace(KEY, PAYMENTS, 1)
        if payments not in judged:
            kind = "payments while it runs" if alone else "payments while several run"
            paid = f"{count:,} {'payment' if count == 1 else 'payments'} of {buyer} to {supplier}"
            told = f"{paid}, {first} to {last}, {pounds(money_e4):,.2f}"
            yield Candidate(contract, payments, words().scores[kind], kind, (label or contract, told))
