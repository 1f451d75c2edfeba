"""The pages where people work, a module for each; their reads are those of the store."""
