"""A made council whose answers are known: an IT service that runs, one that ended, a group of two, and payments.

Testford is served by Alpha Systems (payroll, run from Hilltop, until 2021-03-31) and was by Beta Works (service desk,
until 2015-03-31). Gamma North and Gamma South are owned by Gamma Group. Riverton pays one of them too.
"""

from pathlib import Path

from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.seeds_loader.load import load_rdf
from civicgraph.seeds_loader.load_records import load_spend
from civicgraph.seeds_loader.load_registers import load_ownership

_SERVICES = """
@prefix cg: <https://w3id.org/civicgraph/ontology#> .
@prefix cgs: <https://w3id.org/civicgraph/services#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/civicgraph/id/> .
<organisation/testford-council> a cg:Council, cg:PublicBody, cg:Organisation ; rdfs:label "Testford Council" .
<organisation/riverton-council> a cg:Council, cg:PublicBody, cg:Organisation ; rdfs:label "Riverton Council" .
<organisation/alpha-systems-ltd> a cg:Company, cg:Organisation ; rdfs:label "Alpha Systems Ltd" .
<organisation/beta-works-ltd> a cg:Company, cg:Organisation ; rdfs:label "Beta Works Ltd" .
<place/hilltop> a cg:Place ; rdfs:label "Hilltop" .
<service/testford-payroll> a cg:Service ; rdfs:label "Payroll of Testford" ;
  cg:provider <organisation/alpha-systems-ltd> ; cg:customer <organisation/testford-council> ;
  cg:serviceType cgs:payroll ;
  cg:deliveredFrom <place/hilltop> ; cg:start "2018-04-01"^^xsd:date ; cg:end "2021-03-31"^^xsd:date .
<service/testford-desk> a cg:Service ; rdfs:label "Service desk of Testford" ;
  cg:provider <organisation/beta-works-ltd> ; cg:customer <organisation/testford-council> ;
  cg:serviceType cgs:service-desk ;
  cg:start "2012-04-01"^^xsd:date ; cg:end "2015-03-31"^^xsd:date .
"""
_PAYMENTS = """Buyer,Supplier Name,Net Amount,Payment Date,Department
Testford Council,Alpha Systems Ltd,1000.50,2019-09-10,Finance
Testford Council,Alpha Systems Ltd,1000.50,2019-09-20,Finance
Testford Council,Alpha Systems Ltd,2000.00,2019-10-10,Resources
Testford Council,Gamma North Ltd,300.25,2019-09-10,Housing
Testford Council,Gamma South Ltd,200.25,2019-12-31,Housing
Testford Council,Delta Roads Ltd,50.00,2018-12-31,Highways
Riverton Council,Gamma North Ltd,900.00,2019-09-10,Housing
"""
_OWNERS = """owner,owned,share,from,source
Gamma Group plc,Gamma North Ltd,100%,2010-01-01,a filing
Gamma Group plc,Gamma South Ltd,100%,2010-01-01,a filing
"""


def load_council(folder: Path) -> DataFolder:
    """Load it into a new data folder within a folder."""
    files = {"services.ttl": _SERVICES, "payments.csv": _PAYMENTS, "owners.csv": _OWNERS}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    data = DataFolder(folder / "data")
    load_rdf(data, [folder / "services.ttl"])
    load_spend(data, [folder / "payments.csv"])
    load_ownership(data, [folder / "owners.csv"])
    return data
