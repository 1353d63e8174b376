"""From text to the Ast, and back."""
