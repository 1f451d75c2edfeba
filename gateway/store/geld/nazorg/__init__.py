"""What is put right afterwards: credits that are asked for, other municipalities, and invoices."""
