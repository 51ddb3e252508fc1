"""Files on their way in. What they hold is a kind: orders/, customers/, conversations/ (kinds.py).

files (what kind of file, in which writing) → columns (which is which) → values (dates, numbers, kinds)
→ reading (rows, good or rejected) → staging (a table of this import) → the kind's matching (what would change)
→ applying (the kind's writing, in one transaction).
"""
