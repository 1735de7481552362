"""The same for the rules that go by periods and records: what is current, who owns whom, memberships, contracts."""

CASES: dict[str, tuple[str, str, str]] = {
    "46-current": (
        """cg:established {
            cg:established cg:asOf "2015-06-30"^^xsd:date .
            :running a cg:Contract ; cg:buyer :b ; cg:supplier :running-s ;
                cg:start "2010-01-01"^^xsd:date ; cg:end "2015-06-30"^^xsd:date .
            :over a cg:Contract ; cg:buyer :b ; cg:supplier :over-s ;
                cg:start "2010-01-01"^^xsd:date ; cg:end "2015-06-29"^^xsd:date .
            :to-come a cg:Contract ; cg:buyer :b ; cg:supplier :to-come-s ;
                cg:start "2015-07-01"^^xsd:date ; cg:end "2020-01-01"^^xsd:date .
            :ended a cg:Contract ; cg:buyer :b ; cg:supplier :ended-s ; cg:terminated "2014"^^edtf:EDTF ;
                cg:start "2010-01-01"^^xsd:date ; cg:end "2020-01-01"^^xsd:date .
            :ends-later a cg:Contract ; cg:buyer :b ; cg:supplier :ends-later-s ; cg:terminated "2016"^^edtf:EDTF ;
                cg:terminatedEarliest "2016-01-01"^^xsd:date ;
                cg:start "2010-01-01"^^xsd:date ; cg:end "2020-01-01"^^xsd:date .
            :ends-perhaps a cg:Contract ; cg:buyer :b ; cg:supplier :ends-perhaps-s ; cg:terminated "2015"^^edtf:EDTF ;
                cg:terminatedEarliest "2015-01-01"^^xsd:date ;
                cg:start "2010-01-01"^^xsd:date ; cg:end "2020-01-01"^^xsd:date .
            :at-odds a cg:Contract ; cg:buyer :b ; cg:supplier :at-odds-s ;
                cg:start "2010-01-01"^^xsd:date ; cg:end "2014-01-01"^^xsd:date, "2020-01-01"^^xsd:date .
            :begins-at-odds a cg:Contract ; cg:buyer :b ; cg:supplier :begins-at-odds-s ;
                cg:start "2010-01-01"^^xsd:date, "2016-01-01"^^xsd:date ; cg:end "2020-01-01"^^xsd:date .
            :open a cg:Contract ; cg:buyer :b ; cg:supplier :open-s ; cg:start "2010-01-01"^^xsd:date .
            :about a cg:Contract ; cg:buyer :b ; cg:supplier :about-s ;
                cg:start "2010~"^^edtf:EDTF ; cg:startLatest "2011-12-31"^^xsd:date ;
                cg:end "2016"^^edtf:EDTF ; cg:endEarliest "2016-01-01"^^xsd:date .
            :perhaps-over a cg:Contract ; cg:buyer :b ; cg:supplier :perhaps-s ; cg:start "2010-01-01"^^xsd:date ;
                cg:end "2015"^^edtf:EDTF ; cg:endEarliest "2015-01-01"^^xsd:date .
        }""",
        "cg:established { :b cg:currentlyContractsWith :running-s, :about-s, :ends-later-s }",
        "",
    ),
    "47-ownership-acquired": (
        """cg:established {
            :event\\/exact a cg:Acquisition ; cg:acquirer :serco ; cg:acquired :intelenet ;
                cg:date "2011-06-04"^^xsd:date .
            :event\\/about a cg:Acquisition ; cg:acquirer :serco ; cg:acquired :alpha ; cg:date "2011"^^edtf:EDTF ;
                cg:dateEarliest "2011-01-01"^^xsd:date ; cg:dateLatest "2011-12-31"^^xsd:date .
            :event\\/undated a cg:Acquisition ; cg:acquirer :serco ; cg:acquired :beta .
            :event\\/sector a cg:Acquisition ; cg:acquirer :business ; cg:acquired :beta .
            :event\\/other a cg:Merger ; cg:acquirer :serco ; cg:acquired :beta .
            :serco a cg:Company ; rdfs:label "Serco" . :intelenet a cg:Organisation ; rdfs:label "Intelenet" .
            :alpha a cg:Company ; rdfs:label "Alpha" . :beta a cg:Company ; rdfs:label "Beta" .
            :business a cg:Sector ; rdfs:label "Business" .
        }
        cg:plans { :event\\/planned a cg:Acquisition ; cg:acquirer :serco ; cg:acquired :beta }
        cg:claims {
            :c1 cg:view cg:established ; rdf:subject :event\\/undated ; rdf:predicate rdf:type ;
                prov:wasDerivedFrom :e1 .
            :c2 cg:view cg:established ; rdf:subject :event\\/undated ; rdf:predicate rdf:type ;
                prov:wasDerivedFrom :e2 .
            :e1 oa:hasSource :d1 . :d1 cg:issuedLatest "2014-03-03"^^xsd:date .
            :e2 oa:hasSource :d2 . :d2 cg:issuedLatest "2015-01-01"^^xsd:date .
        }""",
        """cg:established {
            :ownership\\/1f890843a2aadf37 a cg:Ownership ; rdfs:label "Serco as owner of Intelenet" ; cg:owner :serco ;
                cg:owned :intelenet ; cg:controls true ; cg:start "2011-06-04"^^xsd:date ;
                prov:wasGeneratedBy :event\\/exact .
            :ownership\\/0d3e8c5aa7d6933c a cg:Ownership ; rdfs:label "Serco as owner of Alpha" ; cg:owner :serco ;
                cg:owned :alpha ; cg:controls true ; cg:start "2011"^^edtf:EDTF ; prov:wasGeneratedBy :event\\/about ;
                cg:startEarliest "2011-01-01"^^xsd:date ; cg:startLatest "2011-12-31"^^xsd:date .
            :ownership\\/eb49c29db3f0a9be a cg:Ownership ; rdfs:label "Serco as owner of Beta" ; cg:owner :serco ;
                cg:owned :beta ; cg:controls true ; cg:startLatest "2014-03-03"^^xsd:date ;
                prov:wasGeneratedBy :event\\/undated .
        }""",
        "",
    ),
    "48-ownership-joint": (
        """cg:established {
            :organisation\\/venture a cg:JointVenture ; cg:member :steria, :office, :staff ; rdfs:label "Venture" .
            :organisation\\/old a cg:JointVenture ; cg:member :steria ; rdfs:label "Old" .
            :steria a cg:Company ; rdfs:label "Steria" . :office a cg:Department ; rdfs:label "Office" .
            :staff a cg:Sector ; rdfs:label "Staff" .
            :formed a cg:Formation ; cg:result :organisation\\/venture ; cg:date "2013-11"^^edtf:EDTF ;
                cg:dateEarliest "2013-11-01"^^xsd:date ; cg:dateLatest "2013-11-30"^^xsd:date .
        }
        cg:claims {
            :c1 cg:view cg:established ; rdf:subject :organisation\\/venture ; rdf:predicate cg:member ;
                rdf:object :steria .
            :c2 cg:view cg:established ; rdf:subject :organisation\\/venture ; rdf:predicate cg:member ;
                rdf:object :office .
            :c3 cg:view cg:established ; rdf:subject :organisation\\/venture ; rdf:predicate cg:member ;
                rdf:object :staff .
            :c4 cg:view cg:established ; rdf:subject :organisation\\/old ; rdf:predicate cg:member ;
                rdf:object :steria ;
                prov:wasDerivedFrom :e1 .
            :e1 oa:hasSource :d1 . :d1 cg:issuedLatest "2014-03-03"^^xsd:date .
        }""",
        """cg:established {
            :ownership\\/2a6a9940e2da9be1 a cg:Ownership ; rdfs:label "Steria as a partner in Venture" ;
                cg:owner :steria ;
                cg:owned :organisation\\/venture ; prov:wasDerivedFrom :c1 ; prov:wasGeneratedBy :formed ;
                cg:start "2013-11"^^edtf:EDTF ; cg:startEarliest "2013-11-01"^^xsd:date ;
                cg:startLatest "2013-11-30"^^xsd:date .
            :ownership\\/bc57c1730e8cb7b9 a cg:Ownership ; rdfs:label "Office as a partner in Venture" ;
                cg:owner :office ;
                cg:owned :organisation\\/venture ; prov:wasDerivedFrom :c2 ; prov:wasGeneratedBy :formed ;
                cg:start "2013-11"^^edtf:EDTF ; cg:startEarliest "2013-11-01"^^xsd:date ;
                cg:startLatest "2013-11-30"^^xsd:date .
            :ownership\\/8ef4880d9eeba680 a cg:Ownership ; rdfs:label "Steria as a partner in Old" ; cg:owner :steria ;
                cg:owned :organisation\\/old ; cg:startLatest "2014-03-03"^^xsd:date ;
                prov:wasDerivedFrom :c4 .
        }""",
        "",
    ),
    "49-subsidiary-of": (
        """cg:established {
            cg:established cg:asOf "2015-06-30"^^xsd:date .
            :bought a cg:Ownership ; cg:owner :serco ; cg:owned :intelenet ; cg:controls true ;
                cg:start "2011-06-04"^^xsd:date .
            :sold a cg:Ownership ; cg:owner :blackstone ; cg:owned :intelenet ; cg:controls true ;
                cg:start "2015-06-30"^^xsd:date .
            :part a cg:Ownership ; cg:owner :serco ; cg:owned :venture ; cg:controls false .
            :over a cg:Ownership ; cg:owner :serco ; cg:owned :gone ; cg:controls true ; cg:end "2015-06-29"^^xsd:date .
            :soon a cg:Ownership ; cg:owner :serco ; cg:owned :next ; cg:controls true ;
                cg:start "2015"^^edtf:EDTF ; cg:startLatest "2015-12-31"^^xsd:date .
            :always a cg:Ownership ; cg:owner :serco ; cg:owned :own ; cg:controls true .
            :told a cg:Ownership ; cg:owner :serco ; cg:owned :told-of ; cg:controls true ; prov:wasGeneratedBy :event .
            :claimed a cg:Ownership ; cg:owner :serco ; cg:owned :claimed-of ; cg:controls true .
            :until a cg:Ownership ; cg:owner :serco ; cg:owned :held ; cg:controls true ; prov:wasGeneratedBy :event ;
                cg:end "2016-01-01"^^xsd:date .
            :one a cg:Ownership ; cg:owner :serco ; cg:owned :odd ; cg:controls true ; cg:start "2011-06-04"^^xsd:date .
            :two a cg:Ownership ; cg:owner :capita ; cg:owned :odd ; cg:controls true ;
                cg:start "2011-06-04"^^xsd:date .
        }
        cg:claims { :c rdf:subject :claimed }""",
        """cg:established {
            :intelenet cg:subsidiaryOf :blackstone . :own cg:subsidiaryOf :serco . :held cg:subsidiaryOf :serco .
        }""",
        "",
    ),
    "50-memberships": (
        """cg:established {
            :person\\/jo a cg:Person ; rdfs:label "Jo" . :kent a cg:Council ; rdfs:label "Kent" .
            :leeds a cg:Council ; rdfs:label "Leeds" . :police a cg:Sector ; rdfs:label "Police" .
        }
        cg:claims {
            :c1 cg:view cg:established ; rdf:subject :person\\/jo ; rdf:predicate cg:memberOf ; rdf:object :kent ;
                prov:wasDerivedFrom :e1 .
            :c2 cg:view cg:established ; rdf:subject :person\\/jo ; rdf:predicate cg:role ; rdf:object "director" ;
                prov:wasDerivedFrom :e2 .
            :c3 cg:view cg:established ; rdf:subject :person\\/jo ; rdf:predicate cg:memberOf ; rdf:object :leeds ;
                prov:wasDerivedFrom :e3 .
            :c4 cg:view cg:established ; rdf:subject :person\\/jo ; rdf:predicate cg:role ; rdf:object "adviser" ;
                prov:wasDerivedFrom :e4 .
            :c5 cg:view cg:established ; rdf:subject :person\\/jo ; rdf:predicate cg:memberOf ; rdf:object :police ;
                prov:wasDerivedFrom :e2 .
            :c6 cg:view cg:plans ; rdf:subject :person\\/jo ; rdf:predicate cg:role ; rdf:object "mayor" ;
                prov:wasDerivedFrom :e3 .
            :e1 oa:hasSource :d ; oa:hasSelector :s1 . :s1 oa:start 10 ; oa:end 40 .
            :e2 oa:hasSource :d ; oa:hasSelector :s2 . :s2 oa:start 20 ; oa:end 30 .
            :e3 oa:hasSource :d ; oa:hasSelector :s3 . :s3 oa:start 40 ; oa:end 60 .
            :e4 oa:hasSource :other ; oa:hasSelector :s4 . :s4 oa:start 40 ; oa:end 60 .
        }""",
        """cg:established {
            :membership\\/d107d03dbcbbe4f1 a cg:Membership ; rdfs:label "Jo, director, Kent" ; cg:holder :person\\/jo ;
                cg:heldIn :kent ; cg:role "director" ; prov:wasDerivedFrom :c1, :c2 .
        }""",
        "",
    ),
    "51-superclasses": (
        "cg:established { :kent a cg:Council } cg:rumours { :e a cg:Merger } cg:claims { :f a cg:Merger }",
        "cg:established { :kent a cg:PublicBody, cg:Organisation, cg:Agent } cg:rumours { :e a cg:Event }",
        "",
    ),
    "61-one-value": (
        """cg:established {
            :c a cg:Contract ; rdfs:label "Payroll", "PAYROLL" ; cg:awardedValue 10, 12 ; cg:currency "GBP", "EUR" ;
                cg:end "2020-01-01"^^xsd:date, "2021-01-01"^^xsd:date ;
                cg:guard "absurd-amount" ; cg:buyer :kent, :dover .
            :d a cg:Contract ; cg:awardedValue 1, 2 .
        }
        cg:records {
            :r1 cg:recordOf :c ; cg:precedence 1 ; rdfs:label "Payroll" ; cg:awardedValue 12 ; cg:currency "EUR" ;
                cg:buyer :kent .
            :r2 cg:recordOf :c ; cg:precedence 2 ; rdfs:label "PAYROLL" ; cg:awardedValue 10 ; cg:currency "GBP" ;
                cg:end "2020-01-01"^^xsd:date ; cg:guard "absurd-amount" ; cg:buyer :dover .
            :r3 cg:recordOf :c ; cg:precedence 3 ; cg:end "2021-01-01"^^xsd:date .
        }""",
        "",
        """cg:established {
            :c rdfs:label "PAYROLL" ; cg:awardedValue 10 ; cg:currency "GBP" ; cg:end "2021-01-01"^^xsd:date ;
                cg:guard "absurd-amount" .
        }""",
    ),
    "62-no-short-cut": (
        """cg:established {
            :c a cg:Contract ; cg:buyer :kent ; cg:supplier :serco, :capita, :bt ; cg:guard "unsuccessful-award" .
            :other a cg:Contract ; cg:buyer :kent ; cg:supplier :capita . :s cg:customer :kent ; cg:provider :bt .
            :kent cg:contractsWith :serco, :capita, :bt ; cg:servedBy :serco, :capita, :bt .
        }
        cg:records { :r cg:recordOf :c ; cg:precedence 1 ; cg:guard "unsuccessful-award" }""",
        "",
        "cg:established { :kent cg:contractsWith :serco, :bt ; cg:servedBy :serco }",
    ),
    "63-notice-due": (
        """cg:established {
            :c cg:end "2027-03-31"^^xsd:date ; cg:noticePeriod "P6M"^^xsd:duration .
            :open cg:noticePeriod "P6M"^^xsd:duration .
        }""",
        """cg:established { :c cg:noticeDue "2026-09-30"^^xsd:date }""",
        "",
    ),
    "64-transferred": (
        """cg:established {
            cg:established cg:asOf "2024-06-30"^^xsd:date .
            :old cg:successor :new ; cg:end "2023-03-31"^^xsd:date ; cg:currentlyContractsWith :serco .
            :split cg:successor :east, :west ; cg:end "2023-03-31"^^xsd:date .
            :soon cg:successor :later ; cg:end "2028-03-31"^^xsd:date .
            :runs a cg:Contract ; cg:buyer :old ; cg:supplier :serco ; cg:end "2025-12-31"^^xsd:date .
            :since-over a cg:Contract ; cg:buyer :old ; cg:supplier :bt ; cg:end "2023-12-31"^^xsd:date .
            :before a cg:Contract ; cg:buyer :old ; cg:supplier :capita ; cg:end "2022-12-31"^^xsd:date .
            :cut a cg:Contract ; cg:buyer :old ; cg:supplier :capita ; cg:end "2025-12-31"^^xsd:date ;
                cg:ended "2022-12-31"^^xsd:date .
            :of-two a cg:Contract ; cg:buyer :split ; cg:supplier :serco ; cg:end "2025-12-31"^^xsd:date .
            :of-soon a cg:Contract ; cg:buyer :soon ; cg:supplier :serco ; cg:end "2029-12-31"^^xsd:date .
        }""",
        """cg:established {
            :runs cg:transferredTo :new . :since-over cg:transferredTo :new .
            :new cg:contractsWith :serco, :bt ; cg:servedBy :serco, :bt ; cg:currentlyContractsWith :serco .
        }""",
        "cg:established { :old cg:currentlyContractsWith :serco }",
    ),
}
