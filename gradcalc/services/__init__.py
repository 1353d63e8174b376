"""The uses of gradcalc, a module each: from a request to a report."""
