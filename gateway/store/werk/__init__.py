"""The worklist: which findings wait for somebody, by cause, and what people decided on them."""
