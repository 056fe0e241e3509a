"""A person's own data: what is stored, a copy to take away, closing the account, and erasing it (docs/rules.md)."""
