"""The algebra on NumPy arrays."""

from gradcalc.engine.arrays.algebra import FEW, Arrays, arrays

__all__ = ["FEW", "Arrays", "arrays"]
