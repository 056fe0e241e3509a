"""What the API takes and returns."""

import re
from datetime import date, datetime
from typing import Annotated, Generic, Literal, TypeVar

from ninja import Path, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

LARGEST = 2**63 - 1
PER_PAGE, MOST = 50, 200


class FieldError(Schema):
    field: str
    message: str


class Problem(Schema):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError]


def _is_day(value):
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("a date looks like 2026-12-31")
    if not isinstance(value, str | date):
        raise ValueError("a date looks like 2026-12-31")
    return value


def _is_plain(value: str) -> str:
    if "\0" in value:
        raise ValueError("null characters are not allowed")
    return value


Key = Annotated[int, Path(ge=1, le=LARGEST)]
Day = Annotated[date, BeforeValidator(_is_day)]
Text = Annotated[StrictStr, AfterValidator(_is_plain)]
Version = Annotated[StrictInt, Field(ge=1, le=2**31 - 1, description="The version you read; 409 if it is older.")]


class PageQuery(Schema):
    model_config = ConfigDict(extra="ignore")

    limit: int = Field(PER_PAGE, ge=1, le=MOST, description="Rows on a page.")
    after: int = Field(0, ge=0, le=LARGEST, description="`next` of the page before.")


Row = TypeVar("Row")


class Page(Schema, Generic[Row]):
    """`next` is the value of `after` for the next page, or null on the last one."""

    items: list[Row]
    next: int | None


class TokenOut(Schema):
    name: str
    scopes: list[str]
    program: int | None
    expires_at: datetime


class ProgramOut(Schema):
    id: int
    name: str
    starts_on: date
    ends_on: date
    zone: str
    cadence: str
    minutes: int


class Programs(Page[ProgramOut]):
    pass


class EnrollmentOut(Schema):
    id: int
    person: int
    name: str
    email: str
    role: Literal["mentor", "mentee"]
    state: Literal["not invited", "invited", "invitation expired", "joined"]
    invited_on: date | None
    joined_on: date | None
    capacity: int
    pairs_now: int


class People(Page[EnrollmentOut]):
    pass


class PersonOut(Schema):
    id: int
    name: str


class PairOut(Schema):
    id: int
    program: int
    mentor: PersonOut
    mentee: PersonOut
    state: Literal["to come", "running", "paused", "ended"]
    started_on: date
    ends_on: date
    ended_on: date | None
    cadence: str
    minutes: int


class Pairs(Page[PairOut]):
    pass


class SessionOut(Schema):
    id: int
    pair: int
    kind: str
    starts_at: datetime
    minutes: int
    zone: str
    state: Literal["planned", "running", "held", "unconfirmed", "canceled", "skipped"]


class Sessions(Page[SessionOut]):
    pass


class CommitmentOut(Schema):
    id: int
    pair: int
    text: str
    due_on: date
    done_when: str
    if_then: str
    size: str
    state: Literal["open", "done", "dropped", "split"]
    left_to_do: str
    created_at: datetime
    settled_at: datetime | None
    version: int


class Commitments(Page[CommitmentOut]):
    pass


class FigureOut(Schema):
    key: str
    name: str
    definition: str
    value: float | None
    n: int
    unit: str
    before: float | None
    aim: str


class Figures(Schema):
    counted_on: date | None
    items: list[FigureOut]


class Input(Schema):
    model_config = ConfigDict(extra="forbid")


class CommitmentIn(Input):
    pair: Annotated[StrictInt, Field(ge=1, le=LARGEST)]
    text: Text
    due_on: Day
    done_when: Text = ""
    if_then: Text = ""
    size: Text = ""
    keep_past_date: StrictBool = Field(False, description="Set it to keep a due date in the past.")


class CommitmentChange(Input):
    version: Version
    text: Text | None = None
    done_when: Text | None = None
    if_then: Text | None = None
    size: Text | None = None


class CommitmentMove(Input):
    version: Version
    due_on: Day
    reason: Text = ""


class CommitmentDone(Input):
    version: Version
    done_on: Day | None = None


class PairQuery(PageQuery):
    program: int | None = Field(None, ge=1, le=LARGEST)
    ended: bool | None = Field(None, description="Only pairs that have ended, or only those that have not.")


class SessionQuery(PageQuery):
    pair: int | None = Field(None, ge=1, le=LARGEST)
    since: Day | None = Field(None, description="The first day, in UTC.")
    until: Day | None = Field(None, description="The last day, in UTC.")


class CommitmentQuery(PageQuery):
    pair: int | None = Field(None, ge=1, le=LARGEST)
    state: Literal["open", "done", "dropped", "split"] | None = None
