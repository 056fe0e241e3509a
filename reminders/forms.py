"""Forms behind links in emails, and the form of notification preferences."""

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.optimistic_locking import fingerprint
from core.outgoing import validate_address
from mentoring.models import Program
from reminders.models import Topic, TopicChoice
from sessions.forms.planning import TimeForm
from sessions.models import Session, StatusUpdate
from sessions.models.texts import LONGEST
from sessions.texts import piece_of, status_update


class StatusUpdateForm(forms.Form):
    """The three fields of a status update that has not been started."""

    wins = forms.CharField(label=_("Recent wins"), max_length=LONGEST, required=False, strip=False)
    blocks = forms.CharField(label=_("Ongoing blocks"), max_length=LONGEST, required=False, strip=False)
    deadlines = forms.CharField(label=_("Upcoming deadlines"), max_length=LONGEST, required=False, strip=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.Textarea(attrs={"rows": 2, "dir": "auto"})

    def share(self, session: Session, by: User) -> None:
        """Save the update and share it with the mentor; raise Conflict if it was started elsewhere in the meantime."""
        with transaction.atomic():
            update = status_update(by, session)
            for name in StatusUpdate.FIELDS:
                piece_of(update, name).write(by, self.cleaned_data[name].replace("\r\n", "\n"), fingerprint(""))
            update.share()


class SessionMovedForm(TimeForm):
    """The day and time a session was moved to, in the person's own time zone."""

    moving: Session

    field_order = ["on", "at"]

    def __init__(self, *args, session: Session, user: User, **kwargs):
        self.moving = session
        initial = {"zone": user.zone, "minutes": session.minutes}
        super().__init__(*args, pair=session.pair, user=user, initial=initial, **kwargs)
        for name in ("zone", "minutes"):
            self.fields[name].widget = forms.HiddenInput()

    def save(self, by: User) -> None:
        self.moving.move(by, self.slot)


class AddressForm(forms.Form):
    """A secret address of the person at another service."""

    MOST = 1000

    address = forms.CharField(
        max_length=MOST,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        validate_address(address, private=settings.CONNECTIONS_TO_PRIVATE)
        return address


class CalendarForm(AddressForm):
    """The address at which the person's own calendar can be read."""

    prefix = "calendar"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["address"].label = _("Secret address in iCal format")

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        if address[:9].lower() == "webcal://":  # how calendar apps write it; it means https
            self.cleaned_data["address"] = f"https://{address[9:]}"
        return super().clean_address()


class ChatForm(AddressForm):
    """The address of an incoming webhook of the person's chat."""

    prefix = "chat"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["address"].label = _("Address of an incoming webhook")


class ChatChoiceForm(forms.Form):
    """Whether reminders go to the chat, too."""

    to_chat = forms.TypedChoiceField(
        label=_("Reminders"),
        choices=[("", _("By email")), ("1", _("By email and chat"))],
        widget=forms.RadioSelect,
        coerce=bool,
        empty_value=False,  # type: ignore[arg-type]  # the stubs know text only
        required=False,
    )


ICONS = {
    Topic.SESSIONS: "calendar-days",
    Topic.COMMITMENTS: "check-circle",
    Topic.CHECK_INS: "chat-bubble-left-right",
    Topic.INDICATORS: "chart-bar",
    Topic.PRACTICE: "book-open",
    Topic.PLANNING: "document-check",
    Topic.PROGRAM: "chart-bar-square",
}
MODES = [
    (TopicChoice.Mode.AT_ONCE, _("Email when due")),
    (TopicChoice.Mode.WEEKLY, _("Weekly email")),
    (TopicChoice.Mode.INBOX, _("Inbox only")),
]


class TopicField(forms.ChoiceField):
    icon: str


class TopicsForm(forms.Form):
    """How a person is notified about each topic, and whether sessions are sent to their calendar by email."""

    def __init__(self, *args, user: User, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)
        runs_programs = Program.objects.managed_by(user).exists()
        for topic, mode in TopicChoice.of(user).items():
            if topic == Topic.PROGRAM and not runs_programs:
                continue
            if topic == Topic.PRACTICE and not user.practice_since:
                continue
            field = TopicField(label=Topic(topic).label, choices=MODES, initial=mode, widget=forms.RadioSelect)
            field.icon = ICONS[Topic(topic)]
            self.fields[topic] = field
        self.fields["calendar"] = forms.BooleanField(
            label=_("Send sessions to my calendar by email"),
            help_text=_(
                "When one is scheduled, moved, skipped or canceled. If turned off, your calendar keeps its entries."
            ),
            initial=user.calendar_mails,
            required=False,
            widget=forms.CheckboxInput(attrs={"role": "switch"}),
        )

    @property
    def topics(self) -> list[forms.BoundField]:
        return [field for field in self if field.name != "calendar"]

    def save(self) -> None:
        self.user.set_calendar_mails(self.cleaned_data.pop("calendar"))
        TopicChoice.choose(self.user, self.cleaned_data)
