"""What may be changed in the register of providers, and what such a change comes to."""
