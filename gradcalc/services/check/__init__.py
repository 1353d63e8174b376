"""Checking what somebody else worked out by hand: answers, and what is right of them."""
