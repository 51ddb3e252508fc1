"""Backups: a folder with the database, the files and a signed list of what must be in them.

`taking` makes one, `restoring` proves one in a scratch database or puts it in the place of what is there, `shelf` is
the folder they stand in.
"""
