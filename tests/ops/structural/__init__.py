"""Tests parametrised over the structural rows of the op table."""
