"""What the store keeps of money: proposals, accounts and what is paid."""
