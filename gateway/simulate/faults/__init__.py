"""Planted faults by subject: each changes one thing, and says what that comes to.

The labels follow from what was changed, never from asking the judge.  A fault has no other effect:
where a change could trip a second rule or check, it takes care in which that cannot happen, or
names both.
"""
