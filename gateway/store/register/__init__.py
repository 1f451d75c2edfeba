"""The register of providers of the region: who they are, and what was agreed with them."""
