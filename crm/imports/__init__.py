"""Files of orders on their way in.

files (what kind of file, in which writing) → columns (which is which) → values (dates, numbers, kinds)
→ reading (rows, good or rejected) → staging (a table of this import) → matching (what would change)
→ applying (one transaction).
"""
