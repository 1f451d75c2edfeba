"""The Dutch web interface: pages for staff and aanbieders, over what the store hands out."""
