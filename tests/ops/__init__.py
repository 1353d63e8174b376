"""Tests parametrised over the op table: what every row promises."""
