"""For each integrity rule of values (money, identifiers, numbers), what is at fault and something like it."""

CASES: dict[str, tuple[str, set[str]]] = {
    "61-currency-unknown": (
        """cg:established { :a cg:currency "XQZ" . :b cg:currency "gbp" . :c cg:currency "GBP" .
        :d cg:currency "EUR" }""",
        {"a", "b"},
    ),
    "62-two-currencies": (
        """cg:established { :a cg:currency "GBP", "USD" . :b cg:currency "GBP" } cg:plans { :b cg:currency "USD" }""",
        {"a"},
    ),
    "63-identifier-malformed": (
        """cg:established {
            :short cg:identifier "GB-COH-123" . :bare cg:identifier "01234567" .
            :blank cg:identifier "GB-COH-0123 4567" .
            :place a cg:Place ; cg:identifier "E0700" .
            :fine cg:identifier "GB-COH-SC123456" . :charity cg:identifier "GB-CHC-1089464" .
            :ppon cg:identifier "GB-PPON-PXYZ-1234-ABCD" .
            :council cg:identifier "GB-LAE-KEN", "GB-LAC-SHF" . :ireland cg:identifier "IE-CRO-123456" .
            :area a cg:Place ; cg:identifier "E07000106" .
        }""",
        {"short", "bare", "blank", "place"},
    ),
    "64-identifier-shared": (
        """cg:established {
            :a cg:identifier "GB-COH-01234567" . :b cg:identifier "GB-COH-01234567" .
            :c cg:identifier "GB-COH-07654321" .
            :kent cg:identifier "E10000016" . :county a cg:Place ; cg:identifier "E10000016" .
        }""",
        {"a", "b"},
    ),
    "65-not-on-the-globe": (
        """cg:established {
            :north cg:latitude 999 ; cg:longitude 0 . :west cg:longitude -180.5 ; cg:latitude 51 .
            :half cg:latitude 51.2 . :fine cg:latitude 51.2 ; cg:longitude -3.1 .
        }""",
        {"north", "west", "half"},
    ),
    "66-records-disagree": (
        """cg:records {
            :r1 cg:recordOf :c ; cg:awardedValue 10 ; cg:end "2020-01-01"^^xsd:date .
            :r2 cg:recordOf :c ; cg:awardedValue 12 ; cg:end "2020-01-01"^^xsd:date .
            :r3 cg:recordOf :d ; cg:awardedValue 10 . :r4 cg:recordOf :d ; cg:awardedValue 10.0 ; cg:currency "GBP" .
            :r5 cg:recordOf :e ; cg:awardedValue 10 ; cg:process :p ; cg:publicationDate "2020-01-01"^^xsd:date .
            :r6 cg:recordOf :e ; cg:awardedValue 12 ; cg:process :p ; cg:publicationDate "2020-02-01"^^xsd:date .
        }""",
        {"c"},
    ),
    "67-two-values": (
        """cg:established {
            :c a cg:Contract ; cg:awardedValue 32800, 45210 . :d a cg:Contract ; cg:awardedValue 5 ;
            cg:end "2020-01-01"^^xsd:date .
            :told a cg:Contract ; cg:end "2020-01-01"^^xsd:date, "2021-01-01"^^xsd:date .
        }
        cg:claims { :claim rdf:subject :told }""",
        {"c"},
    ),
    "68-part-larger-than-whole": (
        """cg:established {
            :part cg:base :whole ; cg:value 320 ; cg:unit "councils" . :whole cg:value 314 ; cg:unit "councils" .
            :share cg:base :whole ; cg:value 400 ; cg:unit "pounds" . :fine cg:base :whole ; cg:value 279 ;
            cg:unit "councils" .
        }""",
        {"part"},
    ),
    "69-percent-past-the-whole": (
        """cg:plans {
            :much cg:base :whole ; cg:value 189 ; cg:unit "percent" . :less cg:base :whole ; cg:atLeast -1 ;
            cg:unit "percent" .
            :growth cg:value 189 ; cg:unit "percent" . :fine cg:base :whole ; cg:value 89 ; cg:unit "percent" .
        }""",
        {"much", "less"},
    ),
    "71-transfer-as-purchase": (
        """GRAPH cg:established {
          :council a cg:PublicBody .
          :grant a cg:Spend ; cg:reportedBy "payments" ; cg:supplier :council .
          :guarded a cg:Spend ; cg:reportedBy "payments" ; cg:supplier :council ; cg:guard "public-transfer" .
          :sale a cg:Spend ; cg:reportedBy "sales" ; cg:supplier :council .
          :maps a cg:PublicBody, cg:TradingBody .
          :bought a cg:Spend ; cg:reportedBy "payments" ; cg:supplier :maps .
          :listed cg:identifier "GB-LAE-BIR" . :levy a cg:Spend ; cg:reportedBy "payments" ; cg:supplier :listed .
          :payer rdfs:label "Barton Homes" .
          :share a cg:Spend ; cg:reportedBy "payments" ; cg:buyer :payer ; cg:supplier :firm .
          :back a cg:Spend ; cg:reportedBy "payments" ; cg:supplier :payer .
        }""",
        {"grant", "levy", "back"},
    ),
}
