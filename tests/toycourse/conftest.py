"""The labs of the toy course are sources of notebooks, not modules of tests."""

collect_ignore_glob = ["solutions/*"]
