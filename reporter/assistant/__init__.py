"""Questions about a run, answered from its folder: a closed set of typed queries, and a parser that chooses among them."""
