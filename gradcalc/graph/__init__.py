"""The computational graph: what a program means."""
