"""Ties between groups in place of legal entities."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from civicgraph.graph.edges.surroundings import Named
from civicgraph.graph.edges.ties.arrays import NOBODY, Parties, Texts, Ties


def rolled_up(ties: Ties, groups: Mapping[str, str], named: Mapping[str, Named]) -> Ties:
    """Return ties whose parties are the groups that they belong to; who is in no group stands for itself.

    Parameters
    ----------
    ties
        Between legal entities.
    groups
        The ultimate group of each organisation that is in one, by IRI; see
        `civicgraph.graph.identity.ownership.groups`.
    named
        What groups are called that tie nobody themselves.
    """
    parties = ties.parties
    iris, names = list(parties.iris), list(parties.names)
    codes = {iri: code for code, iri in enumerate(iris)}
    classes, collective = parties.classes.tolist(), parties.collective.tolist()
    class_names = list(parties.class_names)
    led = np.arange(len(iris) + 1, dtype=np.int32)
    # The last place stands for nobody, whose number is -1.
    led[-1] = NOBODY
    for iri, code in list(codes.items()):
        group = groups.get(iri)
        if group is None:
            continue
        if group not in codes:
            known = named.get(group, Named(group))
            codes[group] = len(iris)
            iris.append(group)
            names.append(known.label)
            collective.append(known.is_collective)
            if known.cls not in class_names:
                class_names.append(known.cls)
            classes.append(class_names.index(known.cls))
        led[code] = codes[group]
    itself = np.arange(len(iris), dtype=np.int32)
    return replace(
        ties,
        buyer=led[ties.buyer],
        supplier=led[ties.supplier],
        parties=Parties(
            iris=Texts.of(iris),
            names=Texts.of(names),
            classes=np.array(classes, dtype=np.int32),
            class_names=tuple(class_names),
            collective=np.array(collective, dtype=np.bool_),
            # Of groups nothing is said about doubtful merges.
            if_refused=itself,
            if_taken=itself,
        ),
    )
