"""Cards of one person: found, shown to staff, merged, and taken apart again."""
