"""The matching rules that a program can turn on (docs/rules.md, pairing)."""

from dataclasses import asdict, dataclass, fields

MAX_GRADES = 10


@dataclass(frozen=True)
class Rules:
    """The optional matching rules of a program; all are off by default."""

    other_team: bool = False  # mentor and mentee do not work in the same team or department
    other_manager: bool = False  # they do not have the same manager or advisor
    grades_above: int = 0  # by how many grades the mentor is above the mentee, at least
    every_mentor: bool = False  # a mentor gets a second mentee only when every mentor has one

    @classmethod
    def from_stored(cls, stored: dict) -> "Rules":
        """Return the stored rules of a program, ignoring unknown names."""
        return cls(**{field.name: stored[field.name] for field in fields(cls) if field.name in stored})

    def non_defaults(self) -> dict:
        """Return the rules that differ from the defaults, which a program stores."""
        usual = Rules()
        return {name: value for name, value in asdict(self).items() if value != getattr(usual, name)}
