"""What happens to each model's rows when a person is erased. A model that is missing here fails a test."""

from collections.abc import Iterator
from enum import Enum

from django.apps import apps
from django.db.models import ForeignKey, Model, Q

from accounts.models import User


class OnErasure(Enum):
    """What becomes of the rows that a person wrote, or that are about them."""

    ERASED = "deleted"
    EMPTIED = "stay, without name, address and private text"
    KEPT = "stay for their partners, who see them as written by a former member"
    COUNTED = "stay: dates, states and numbers"
    NO_PERSON = "about nobody: of a program, of the installation, or of software"


POLICIES = {
    OnErasure.ERASED: """
        api.ApiToken account.EmailAddress account.EmailConfirmation mfa.Authenticator
        socialaccount.SocialAccount accounts.ProvisionedPerson accounts.GroupMembership accounts.Bounce
        accounts.FormToken
        accounts.OutboxMail accounts.SignIn sessions.Session dashboard.Digest dashboard.OverviewEmail
        goals.FeedbackInvite mentoring.Application mentoring.ImportRun
        mentoring.MatchRequest mentoring.NeverPair mentoring.Preference mentoring.Profile mentoring.Proposal
        mentoring.TalkRequest mentoring_sessions.BusyCalendar mentoring_sessions.CalendarFeed
        mentoring_sessions.PrivateNote mentoring_sessions.SessionVisit practice.BuddyUpdate
        practice.OpportunityApplication practice.PracticePlan practice.PracticeTick practice.SelfReview
        practice.Stakeholder reminders.ChatWebhook reminders.Delivery reminders.Reminder reminders.Snooze
        reminders.TopicChoice
    """,
    OnErasure.EMPTIED: """
        accounts.User goals.AdvocacyNote mentoring.Enrollment mentoring.ExitAnswer
        mentoring_sessions.Feedback mentoring_sessions.StatusUpdate practice.Buddies
        practice.Entry practice.EntryText practice.Experiment practice.InventoryPick practice.InventoryRun
        practice.Rehearsal dashboard.Flag
    """,
    OnErasure.KEPT: """
        goals.Celebration goals.Commitment goals.CommitmentEvent goals.FeedbackAnswer goals.FeedbackRound goals.Goal
        goals.Indicator goals.Milestone goals.Outcome goals.Pivot goals.Plan goals.PlanVersion goals.Reading
        goals.WorkEvent mentoring.Agreement mentoring.HuddleAnswer mentoring.HuddleQuestion mentoring.Signature
        mentoring_sessions.AgendaItem mentoring_sessions.Block mentoring_sessions.CheckIn
        mentoring_sessions.ItemOutcome mentoring_sessions.Session mentoring_sessions.SessionAnswer
        mentoring_sessions.SessionMove mentoring_sessions.Series mentoring_sessions.StillRight
        mentoring_sessions.TextVersion practice.Introduction practice.Opportunity practice.PairResource
        practice.InventoryVersion practice.Share
    """,
    OnErasure.COUNTED: """
        accounts.AuditEvent accounts.SignInFailure dashboard.MentorContact mentoring.Pair mentoring.Pause
        mentoring.PulseAnswer mentoring.StartRun mentoring.StartedPair mentoring_sessions.EnergyCheck
        mentoring_sessions.SessionCommitment mentoring_sessions.SessionRating practice.MentoringFeedback
        records.HandoverCopy
    """,
    OnErasure.NO_PERSON: """
        accounts.Installation accounts.ProvisionedGroup mentoring.GroupRole api.WebhookDelivery api.WebhookEndpoint
        auth.Group auth.Permission contenttypes.ContentType dashboard.PublishedFigure
        dashboard.Snapshot goals.Competency goals.Priority mentoring.Program mentoring_sessions.AgendaTemplate
        mentoring_sessions.TemplateBlock practice.ProgramInventory practice.Resource
        reminders.PlannedPair reminders.Watermark
        socialaccount.SocialApp socialaccount.SocialToken
    """,
}
POLICY_OF = {label: policy for policy, labels in POLICIES.items() for label in labels.split()}

# The links by which rows are deleted; what is deleted in another way is in operations/own_data/erasure.py.
DELETED_BY = {
    "account.EmailAddress": ["user"],
    "accounts.Bounce": ["user"],
    "api.ApiToken": ["user"],
    "accounts.FormToken": ["user"],
    "accounts.GroupMembership": ["user"],
    "accounts.ProvisionedPerson": ["user"],
    "accounts.SignIn": ["user"],
    "dashboard.Digest": ["user"],
    "dashboard.Flag": ["person"],
    "dashboard.OverviewEmail": ["user"],
    "mentoring.MatchRequest": ["mentee", "mentor"],
    "mentoring.NeverPair": ["user", "other"],
    "mentoring.Preference": ["mentee", "mentor"],
    "mentoring.Profile": ["user"],
    "mentoring.Proposal": ["mentee", "mentor"],
    "mentoring.TalkRequest": ["user"],
    "mfa.Authenticator": ["user"],
    "mentoring_sessions.BusyCalendar": ["user"],
    "mentoring_sessions.CalendarFeed": ["user"],
    "mentoring_sessions.PrivateNote": ["author"],
    "mentoring_sessions.SessionVisit": ["user"],
    "practice.BuddyUpdate": ["author"],
    "practice.OpportunityApplication": ["applicant"],
    "practice.PracticePlan": ["user"],
    "practice.SelfReview": ["user"],
    "practice.Stakeholder": ["author"],
    "reminders.ChatWebhook": ["user"],
    "reminders.Reminder": ["recipient"],
    "reminders.Delivery": ["recipient"],
    "reminders.Snooze": ["user"],
    "reminders.TopicChoice": ["user"],
    "socialaccount.SocialAccount": ["user"],
}


def links_to_people(model: type[Model]) -> list[str]:
    """Return the names of the fields with which a row names a person."""
    fields = model._meta.concrete_fields
    return [field.name for field in fields if isinstance(field, ForeignKey) and field.related_model is User]


def any_of(names: list[str], person: User) -> Q:
    """Return the condition that one of these links names the person."""
    condition = Q()
    for name in names:
        condition |= Q(**{name: person})
    return condition


def rows_of(person: User) -> Iterator[tuple[str, int]]:
    """Yield each model that names this person, with the number of its rows that do."""
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        names = links_to_people(model)
        if names and (n := model._base_manager.filter(any_of(names, person)).count()):
            yield model._meta.label, n
