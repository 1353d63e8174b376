"""Evaluating and differentiating graphs, over any algebra."""
