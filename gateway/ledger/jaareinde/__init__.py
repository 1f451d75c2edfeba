"""What the year end is worked out with: no reads, no clock, whole eurocents."""
