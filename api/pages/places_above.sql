-- Each place with each that lies around it.
SELECT n.iri, b.iri
FROM under JOIN thing n USING (thing) JOIN thing b ON b.thing = broader
WHERE n.is_place AND under.thing <> broader
ORDER BY ALL;
