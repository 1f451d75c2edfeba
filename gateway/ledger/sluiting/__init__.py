"""The proofs by which a year closes: pure, without a store."""
