"""The network of care messages: StUF-GGk 2.1 envelopes, and the service that receives them."""
