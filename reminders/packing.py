"""Packing of due reminders into as few emails as the rules allow (docs/rules.md, windows)."""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from accounts.working_hours import DAY
from reminders.intents import KINDS, bundled_kinds, early_kinds, joining_kinds
from reminders.models import Delivery, Reminder, TopicChoice
from reminders.planner import batches
from reminders.windows import (
    UNDO_PERIOD,
    WEEK,
    WINDOW_LENGTH,
    EmailHistory,
    in_window,
    is_window_time,
    next_window,
    select,
)

BATCH = 100
EARLY_WITHIN = 2 * WEEK  # from one weekly email to the next, even across a holiday
IGNORED_IN_A_ROW = 3
JUDGED_WITHIN = 13 * WEEK  # how far back to look for ignored reminders

State = Reminder.State
COUNTED = [Delivery.State.WAITING, Delivery.State.SENDING, Delivery.State.SENT, Delivery.State.UNKNOWN]


def pack() -> None:
    """Create messages for the reminders that are due, and expire those that are no longer worth sending."""
    now = timezone.now()
    _cancel_late_bundles(now)
    planned = Reminder.objects.filter(state=State.PLANNED, delivery=None)
    planned.filter(due_at__lte=now, expires_at__lte=now).update(state=State.EXPIRED)
    planned = planned.filter(Q(held_until=None) | Q(held_until__lte=now))
    due, bundled = planned.filter(due_at__lte=now), bundled_kinds()
    _hold_until_window(due.filter(kind__in=[kind.name for kind in KINDS.values() if kind.window_only]), now)
    while _pack_single(due.exclude(kind__in=bundled), now):
        pass
    early = planned.filter(kind__in=[kind.name for kind in early_kinds()], due_at__lte=now + EARLY_WITHIN)
    due = due.filter(kind__in=bundled)
    after = 0
    while people := list(
        due.filter(recipient__gt=after).order_by("recipient").values_list("recipient", flat=True).distinct()[:BATCH]
    ):
        _pack_bundles(due | early, people, now)
        after = people[-1]
    for people in batches(_weekly_recipients(early, now), BATCH):
        _pack_bundles(due | early, people, now)


def _cancel_late_bundles(now: datetime) -> None:
    """Cancel bundles that were not sent on their day and free their reminders, because only one email a day is allowed.

    A bundle that may have arrived is left alone: the same message is retried.
    """
    unsent = Delivery.objects.filter(
        state__in=(Delivery.State.WAITING, Delivery.State.SENDING), next_try_at__lte=now, is_bundle=True, copies_sent=0
    )
    for delivery in list(unsent.filter(due_at__lt=now - WINDOW_LENGTH).select_related("recipient")):
        person = delivery.recipient
        if person.local(delivery.due_at).date() == person.local(now).date():
            continue
        with transaction.atomic():
            if unsent.filter(pk=delivery.pk).update(state=Delivery.State.CANCELED, lease_token=None):
                delivery.reminders.filter(state=State.PLANNED).update(delivery=None, held_until=None)


def _hold_until_window(due: QuerySet, now: datetime) -> None:
    """Hold reminders that get an email of their own until the next window."""
    for reminder in list(due.select_related("recipient")):
        if not in_window(reminder.recipient, now):
            Reminder.objects.filter(pk=reminder.pk).update(held_until=next_window(reminder.recipient, now))


def _weekly_recipients(early: QuerySet, now: datetime) -> list[int]:
    """Return the people who get a kind weekly, by choice or after ignoring it, and have some of it due soon.

    Only those are read for whom it is the time of a window, because nothing early is sent to the others.
    """
    kinds = {kind.name: kind.topic for kind in early_kinds()}
    chosen = TopicChoice.objects.filter(mode=TopicChoice.Mode.WEEKLY).values_list("user", "topic", "user__zone")
    ignored = Reminder.objects.filter(
        kind__in=kinds, state=State.SENT, was_ignored=True, due_at__gt=now - JUDGED_WITHIN
    )
    often = ignored.values("recipient", "kind", "recipient__zone").annotate(n=Count("pk"))
    often = often.filter(n__gte=IGNORED_IN_A_ROW)
    found = {*chosen, *often.values_list("recipient", "kind", "recipient__zone")}
    open_zones = {zone for zone in {zone for _user, _name, zone in found} if is_window_time(User(zone=zone), now)}
    weekly = {(user, name) for user, name, zone in found if zone in open_zones}
    recipients = set()
    for people in batches({user for user, _name in weekly}):
        for user, kind in early.filter(due_at__gt=now, recipient__in=people).values_list("recipient", "kind"):
            if (user, kinds[kind]) in weekly or (user, kind) in weekly:
                recipients.add(user)
    return sorted(recipients)


def _pack_single(due: QuerySet, now: datetime) -> int:
    """Create one message for each of up to BATCH reminders, including what joins it, and return their number."""
    with transaction.atomic():
        rows = due.order_by("due_at", "pk").select_for_update(skip_locked=True)
        reminders = list(rows.exclude(_waits_for_another(now))[:BATCH])
        joining = _joining(reminders, rows)
        groups = [[reminder, *joining.get(reminder.pk, [])] for reminder in reminders]
        Delivery.objects.bulk_create([_message(group, group[0].due_at) for group in groups])
        Reminder.objects.bulk_update(itertools.chain.from_iterable(groups), ["delivery"])
    return len(reminders)


def _waits_for_another(now: datetime) -> Q:
    """Return the condition for reminders that join another one, which is due within a minute."""
    joining = joining_kinds()
    others = Reminder.objects.filter(kind__in=joining.values(), state=State.PLANNED, delivery=None)
    others = others.filter(recipient=OuterRef("recipient"), pair=OuterRef("pair"), due_at__lte=now + UNDO_PERIOD)
    return Q(Exists(others), kind__in=joining)


def _joining(reminders: list[Reminder], waiting: QuerySet) -> dict[int, list[Reminder]]:
    """Return the waiting reminder that joins each of these, by their primary key; one email has room for one."""
    joining, found = joining_kinds(), {}
    joined = {(it.recipient_id, it.pair_id): it for it in reminders if it.kind in joining.values()}
    people = {recipient_id for recipient_id, _pair_id in joined}
    for reminder in waiting.filter(kind__in=joining, recipient__in=people) if people else ():
        if other := joined.pop((reminder.recipient_id, reminder.pair_id), None):
            found[other.pk] = [reminder]
    return found


def _pack_bundles(ready: QuerySet, people: Iterable[int], now: datetime) -> None:
    """Create at most one message per person with everything that may be sent now, and hold back the rest.

    The users' rows are locked, so that two processes never both send to the same person.
    """
    with transaction.atomic():
        users = (
            User.objects.filter(pk__in=people).order_by("pk").select_for_update(skip_locked=True, no_key=True).in_bulk()
        )
        by_recipient = defaultdict(list)
        for reminder in ready.filter(recipient__in=users).order_by("due_at", "pk"):
            by_recipient[reminder.recipient_id].append(reminder)
        histories = email_histories(users, now)
        messages, sent, inbox_only, held = [], [], [], defaultdict(list)
        for pk, reminders in by_recipient.items():
            selection = select(users[pk], reminders, now, histories[pk])
            inbox_only += [reminder.pk for reminder in selection.inbox_only]
            for reminder, until in selection.hold:
                held[until].append(reminder.pk)
            if selection.send:
                messages.append(_message(selection.send, now, is_bundle=True))
                sent += [reminder.pk for reminder in selection.send]
        _save_bundles(messages, sent)
        Reminder.objects.filter(pk__in=inbox_only).update(state=State.SENT)
        for until, pks in held.items():
            Reminder.objects.filter(pk__in=pks).update(held_until=until)


def _save_bundles(messages: list[Delivery], reminders: list[int]) -> None:
    """Store new messages, one for each person, and put these reminders into those of their recipients."""
    messages = Delivery.objects.bulk_create(messages)
    of_recipient = Delivery.objects.filter(pk__in=[message.pk for message in messages], recipient=OuterRef("recipient"))
    Reminder.objects.filter(pk__in=reminders).update(delivery=Subquery(of_recipient.values("pk")))


def _message(reminders: list[Reminder], due_at: datetime, is_bundle: bool = False) -> Delivery:
    """Return one message to one person with these reminders, which expires when the last of them does."""
    ends = [reminder.expires_at for reminder in reminders if reminder.expires_at]
    message = Delivery(
        recipient_id=reminders[0].recipient_id,
        is_bundle=is_bundle,
        due_at=due_at,
        next_try_at=due_at,
        expires_at=max(ends) if len(ends) == len(reminders) else None,
        message_id=f"<{uuid.uuid4().hex}@{settings.SITE.hostname}>",
    )
    for reminder in reminders:
        reminder.delivery = message
    return message


# --- Recent emails and choices of each person ---------------------------------------------------------------


def email_histories(
    people: Iterable[int], now: datetime, excluded_kinds: Iterable[str] = ()
) -> dict[int, EmailHistory]:
    """Return each person's reminder emails of the last week, their choices, and the kinds they have been ignoring.

    Emails with nothing but the kinds in `excluded_kinds` are not counted.
    """
    people = list(people)
    histories = {pk: EmailHistory() for pk in people}
    for user_id, topic, mode in TopicChoice.objects.filter(user__in=people).values_list("user", "topic", "mode"):
        histories[user_id].modes[topic] = mode
    pairs_of = defaultdict(set)
    sent = Delivery.objects.filter(recipient__in=people, is_bundle=True, due_at__gt=now - WEEK - DAY, state__in=COUNTED)
    sent = sent.with_other_kinds_than(excluded_kinds)
    for pk, user_id, at, pair_id in sent.values_list("pk", "recipient", "sent_at", "reminders__pair"):
        pairs_of[user_id, pk, at or now].add(pair_id)
    for (user_id, _pk, at), pairs in pairs_of.items():
        histories[user_id].emails.append((at, frozenset(pairs)))
    for user_id, kinds in _ignored_kinds(people, now).items():
        histories[user_id].ignored_kinds = frozenset(kinds)
    return histories


def _ignored_kinds(people: list[int], now: datetime) -> dict[int, set[str]]:
    """Return for each person the kinds whose last three reminders were ignored."""
    last = defaultdict(list)
    judged = Reminder.objects.filter(
        recipient__in=people, state=State.SENT, was_ignored__isnull=False, due_at__gt=now - JUDGED_WITHIN
    )
    for user_id, kind, ignored in judged.order_by("-due_at", "-pk").values_list("recipient", "kind", "was_ignored"):
        last[user_id, kind].append(ignored)
    result = defaultdict(set)
    for (user_id, kind), newest in last.items():
        if len(newest) >= IGNORED_IN_A_ROW and all(newest[:IGNORED_IN_A_ROW]):
            result[user_id].add(kind)
    return result
