"""Who is tied to whom: edges between buyers and suppliers, and the scopes that take some of them."""
