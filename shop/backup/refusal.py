class Refusal(Exception):
    """Why a backup cannot be made, believed or restored: one sentence for who asked."""
