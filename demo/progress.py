"""Build the progress of a demo pair: indicators, plan, outcomes, kudos and feedback. Nothing is random."""

from datetime import datetime, timedelta

from demo import texts
from goals.models import (
    Celebration,
    Commitment,
    CommitmentEvent,
    Competency,
    FeedbackAnswer,
    FeedbackRound,
    Goal,
    Indicator,
    Outcome,
    Pivot,
    Plan,
    Priority,
    Reading,
)
from mentoring.models import Pair, Program
from sessions.models import Feedback

DAY = timedelta(days=1)
QUALITY = ((2, 2), (2, 2), (3, 2), (4, 3), (4, 3), (4, 4))  # ratings of mentee and mentor, every two weeks
CONFIDENCE = (1, 2, 2, 3, 3, 2, 2, 3, 3, 4)


def create_direction(program: Program) -> None:
    Priority.objects.bulk_create(Priority(program=program, title=title) for title in texts.PRIORITIES)
    Competency.objects.bulk_create(Competency(program=program, title=title) for title in texts.COMPETENCIES)


def build_progress(pair: Pair, now: datetime) -> None:
    """Create the progress data of a pair with several months of sessions."""
    goals = list(pair.goals.all())
    start = goals[0].created_at
    competencies = list(Competency.objects.filter(program=pair.program))
    goals[0].priorities.add(Priority.objects.filter(program=pair.program).first())
    goals[0].competencies.add(competencies[0])
    create_indicators(pair, now, start)
    create_plan(pair, now)
    create_outcomes(pair, now, goals, competencies)
    Celebration.objects.create(
        pair=pair, created_by=pair.mentor, created_at=now - 19 * DAY, text=texts.WELL_DONE, goal=goals[0]
    )
    Pivot.objects.create(
        pair=pair,
        goal=goals[1],
        kind=Pivot.Kind.CHANGED,
        created_by=pair.mentee,
        created_at=now - 40 * DAY,
        text_before=texts.GOAL_BEFORE,
        text_after=goals[1].summary(),
        reason=texts.GOAL_CHANGED,
    )
    create_feedback_rounds(pair, now)
    create_feedback_loop(pair, now, competencies[1])


def create_feedback_loop(pair: Pair, now: datetime, competency: Competency) -> None:
    """Create two feedbacks on one competency; what the first one changes became a commitment, which was done."""
    (first_days, first), (second_days, second) = texts.LOOP
    about = {"pair": pair, "competency": competency}
    at = now - first_days * DAY
    kept = Commitment.objects.create(
        **about,
        owner=pair.mentee,
        text=first["differently"].rstrip("."),
        due_on=(at + 10 * DAY).date(),
        created_by=pair.mentee,
        created_at=at,
        state=Commitment.State.DONE,
        settled_at=at + 9 * DAY,
    )
    for kind, days in ((CommitmentEvent.Kind.MADE, 0), (CommitmentEvent.Kind.DONE, 9)):
        on = at + days * DAY
        made = {"created_by": pair.mentee, "created_at": on, "effective_on": on.date(), "version_after": 1}
        due_on = kept.due_on if kind == CommitmentEvent.Kind.MADE else None
        CommitmentEvent.objects.create(commitment=kept, kind=kind, new_due_on=due_on, **made)
    for by, days, answers, commitment in (
        (pair.mentor, first_days, first, kept),
        (pair.mentee, second_days, second, None),
    ):
        at = now - days * DAY
        moment = {"created_at": at, "shared_at": at, "happened_on": (at - DAY).date()}
        Feedback.objects.create(**about, **answers, **moment, created_by=by, commitment=commitment)


def create_indicators(pair: Pair, now: datetime, start: datetime) -> None:
    quality = create_indicator(pair, "quality", str(Indicator.Preset.QUALITY.label), "both", start, target=4)
    confidence = create_indicator(pair, "", "How sure I feel before the weekly review", "mentee", start, target=4)
    create_indicator(pair, "speed", str(Indicator.Preset.SPEED.label), "mentee", start)
    create_indicator(pair, "pulse", str(Indicator.Preset.STAKEHOLDERS.label), "mentee", start)
    today = now.date()
    values = [(quality, pair.mentee, n * 14, mine) for n, (mine, _his) in enumerate(reversed(QUALITY))]
    values += [(quality, pair.mentor, n * 14, his) for n, (_mine, his) in enumerate(reversed(QUALITY))]
    values += [(confidence, pair.mentee, n * 14, value) for n, value in enumerate(reversed(CONFIDENCE))]
    Reading.objects.bulk_create(
        Reading(indicator=one, created_by=by, measured_on=on, value=value, updated_at=now - days * DAY)
        for one, by, days, value in values
        if (on := today - (days + 3) * DAY) > start.date()
    )


def create_plan(pair: Pair, now: datetime) -> None:
    """Create a plan and its second version."""
    plan = Plan.create(pair, pair.mentee, **texts.PLAN | {"due_on": now.date() + 60 * DAY})
    plan.revise(1, pair.mentor, texts.PLAN_CHANGED, level_now=3, due_on=now.date() + 90 * DAY)
    plan.versions.filter(number=1).update(created_at=now - 60 * DAY)


def create_outcomes(pair: Pair, now: datetime, goals: list[Goal], competencies: list[Competency]) -> None:
    done = pair.commitments.filter(state="done").order_by("settled_at").last()
    for n, (title, kind) in enumerate(texts.OUTCOMES):
        at = now - (20 + 30 * n) * DAY
        Outcome.objects.create(
            pair=pair,
            title=title,
            kind=kind,
            happened_on=at.date(),
            goal=goals[n % len(goals)],
            commitment=done if n == 0 else None,
            competency=competencies[n],
            created_by=pair.mentee,
            created_at=at,
            confirmed_at=at + DAY if n == 0 else None,
        )


def create_indicator(
    pair: Pair, preset: str, title: str, entered_by: str, start: datetime, target: int | None = None
) -> Indicator:
    made = {"created_by": pair.mentee, "created_at": start, "touched_at": start, "every_days": 14, "target": target}
    return Indicator.objects.create(pair=pair, preset=preset, title=title, entered_by=entered_by, **made)


def create_feedback_rounds(pair: Pair, now: datetime) -> None:
    """Create three closed feedback rounds."""
    for days, answers in ((38, (3, 3, 4)), (24, (4, 3, 4)), (10, (4, 4, 5))):
        feedback_round = FeedbackRound.start(pair, texts.PULSE, ["Lin", "Noor", "Kim"])
        over_at = now - days * DAY
        FeedbackRound.objects.filter(pk=feedback_round.pk).update(
            created_at=over_at - 8 * DAY, closes_on=over_at.date(), ended_at=over_at
        )
        feedback_round.invites.update(used=True)
        for n, more in enumerate(answers):
            FeedbackAnswer.objects.create(
                feedback_round=feedback_round, frequency=more, keep_doing=texts.KEEP[n], change=texts.CHANGE[n]
            )
