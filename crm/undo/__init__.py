"""Takes back what changed many rows: bulk changes, imports, merges. Set-based, whatever the number of rows."""
