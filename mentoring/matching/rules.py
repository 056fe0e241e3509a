"""Rules of pairing that a program can turn on (docs/rules.md, pairing)."""

from dataclasses import asdict, dataclass, fields

MOST_GRADES = 10


@dataclass(frozen=True)
class Rules:
    """The rules in force for a program; by default none of them is."""

    other_team: bool = False  # mentor and mentee do not work in the same team or department
    other_manager: bool = False  # they do not have the same manager or advisor
    grades_above: int = 0  # by how many grades the mentor is above the mentee, at least
    every_mentor: bool = False  # a mentor gets a second mentee only when every mentor has one

    @classmethod
    def of(cls, stored: dict) -> "Rules":
        """The rules that a program has stored; names that are no longer known are ignored."""
        return cls(**{field.name: stored[field.name] for field in fields(cls) if field.name in stored})

    def changed(self) -> dict:
        """What differs from the usual rules: what a program stores."""
        usual = Rules()
        return {name: value for name, value in asdict(self).items() if value != getattr(usual, name)}
