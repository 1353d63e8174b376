"""LaTeX: the lecture's own notation, read to the same Ast as the native one, and written.

A text goes through four steps, each a loop over a flat list. ``tokens.py`` makes tokens.
``arguments.py`` gives every command its arguments in braces, as TeX does, and matches brackets.
``lexer.py`` decides what the tokens mean for the grammar (``grammar/latex.lark``), and
``builder.py`` makes a tree (``tree.py``) of what the parser found. ``emit.py`` then writes the Ast:
only when a whole statement is known is it clear what ``x_i`` means. The other way, ``printer.py``
writes LaTeX.
"""
