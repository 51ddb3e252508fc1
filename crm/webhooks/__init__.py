"""Events on their way to other programs, by Standard Webhooks (docs/webhooks.md)."""
