"""Commands about money and accountability."""
