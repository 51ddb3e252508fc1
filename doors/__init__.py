"""What stands behind bin/: the environment, the embedded servers, and what keeps them running.

Only the standard library is imported at the top of these modules, because the first of them run
before anything is installed.
"""
