"""What people configure, read and judged: variables, catalog files and policy."""
