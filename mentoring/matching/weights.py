"""The default weights of the parts of the score (docs/rules.md, pairing)."""

WEIGHTS = {"aims": 50, "style": 15, "hours": 15, "wish": 15, "interests": 5}
