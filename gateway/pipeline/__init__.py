"""The way of one message: open, translate, gather, judge, match, decide, answer."""
