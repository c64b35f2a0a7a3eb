"""`eventreg solve`: the product's own algorithms on files, without any database."""
