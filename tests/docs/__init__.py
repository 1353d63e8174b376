"""The documentation is executed: what it shows is what happens."""
