"""The facts of iWmo and iJw 3.2 as test data, and what judges and makes messages from them."""
