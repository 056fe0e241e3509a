"""The reminder of a resource that the mentor recommends (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from practice.models import PairResource
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.models import Topic
from reminders.windows import UNDO_PERIOD


@register
class ResourceRecommended(Kind[PairResource]):
    """Notify the mentee in the next window, until they note what they make of it. It does not name the resource."""

    name = "resource_recommended"
    label = gettext_lazy("A resource that your mentor recommends")
    why = gettext_lazy("You get this because your mentor recommended something to you.")
    topic = Topic.CHECK_INS
    subject = "resource"
    recipients = ("pair__mentee",)
    anchor = "created_at"
    max_age = timedelta(days=14)
    confidential = True

    @staticmethod
    def rows() -> QuerySet[PairResource]:
        rows = PairResource.objects.current().filter(status=PairResource.Status.NEW, pair__ended_at=None)
        return rows.filter(created_by=F("pair__mentor")).select_related("pair__mentor", "pair__mentee")

    def intents(self, row: PairResource) -> Iterator[Intent]:
        yield self.intent(row, row.pair.mentee_id, "", row.created_at + UNDO_PERIOD, row.created_at + self.max_age)

    def email(self, person: User, intent: Intent[PairResource]) -> EmailPart:
        row: PairResource = intent.row
        title, values = _("%(name)s recommends a resource to you"), {"name": row.pair.mentor.first_name}
        page = page_url("pair_resource_list", row.pair_id, fragment=f"resource-{row.pk}")
        return EmailPart(subject_line(title, **values), title % values, _("See the resource"), page, page)
