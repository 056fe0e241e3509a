"""How much each part of the score counts, unless a program weighs them otherwise (docs/rules.md, pairing)."""

WEIGHTS = {"aims": 50, "style": 15, "hours": 15, "wish": 15, "interests": 5}
