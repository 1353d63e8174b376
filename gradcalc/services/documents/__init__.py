"""Texts with formulas in them: notes in Markdown, papers in LaTeX.

``extract`` finds the formulas, ``formulas`` reads each, ``grouping`` puts those that belong
together into problems, ``needs`` finds out what they lack, and ``run`` evaluates them.
"""
