"""Money and accountability, as far as it is calculated: pure, in eurocents."""
