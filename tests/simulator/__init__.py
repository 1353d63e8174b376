"""Students who make mistakes, to see whether the diagnosis finds out which."""
