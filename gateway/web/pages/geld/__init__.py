"""Pages about money and accountability; `/geld` leads to all of them."""
