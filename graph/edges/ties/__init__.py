"""The ties between buyers and suppliers as columns: made from a store, a network or records, kept with a snapshot."""
