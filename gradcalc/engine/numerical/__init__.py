"""Derivatives without rules: differences of the forward pass, to check the rules by."""
