"""A form changes only what it asks for: other fields of the same rows, sent along, change nothing."""

import itertools
from http.cookies import SimpleCookie

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as WebSession
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import connection, models, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, SignIn
from tests import everything
from tests.site.test_bad_input import Form, client_of, forms_on

IN_A_RELEASE = settings.get_current_profile_name() == "release"
ACTORS = ("mentee", "mentor", "admin") if IN_A_RELEASE else ("mentee", "admin")
NOT_COUNTED = {AuditEvent, SignIn, WebSession, ContentType}  # what any request may write, and what none does
OURS = [model for model in apps.get_models() if model not in NOT_COUNTED]
# What decides who owns, sees or runs something: links, switches, numbers, and states.
DECIDING = (models.ForeignKey, models.BooleanField, models.IntegerField)
VALUES = st.sampled_from(["1", "2", "3", "0", "on", "true", "admin", "public", "2020-01-01", "99"])


def deciding_fields(model) -> list[str]:
    fields = model._meta.concrete_fields
    random = [field.attname for field in fields if isinstance(field, models.UUIDField)]
    return [
        field.attname
        for field in fields
        if (isinstance(field, DECIDING) or field.choices or field.primary_key) and field.attname not in random
    ]


FIELDS = {model: deciding_fields(model) for model in OURS}
# Options of one's own import, which its page shows only where they matter.
ASKED_ELSEWHERE = {"import_detail": {"latest_line_only", "invite_later", "skip_errors", "role"}}
REFUSED = {400, 403, 404, 409, 422}
NAMES = sorted(
    {name for model in OURS for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    | {"visibility", "admin", "permissions", "groups", "is_admin", "pk"}
)


def state() -> dict[str, list[tuple]]:
    """Return who owns, sees and runs what, in every row of the database."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(*fields), key=repr)
        for model, fields in FIELDS.items()
    }


def restart_numbers() -> None:
    """Give new rows the same numbers each time: the sequences of PostgreSQL do not take part in a rollback."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)


def result_of(client, form: Form, more: dict[str, str]) -> tuple[int, dict[str, list[tuple]]]:
    """Send the form with further fields, and return the status and what is stored then; nothing stays stored."""
    cache.clear()
    restart_numbers()
    cookies = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        answer = client.post(form.action, more | form.data)
        found = answer.status_code, state()
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)  # some forms sign out
    return found


@pytest.fixture(params=ACTORS)
def forms(request, db) -> tuple:
    """Each kind of form that this person sees, and what it does as a browser sends it."""
    world = everything.build()
    client = client_of(world, request.param)
    found = {form.key: form for form in forms_on(world, client)}
    assert len(found) > 30
    return client, list(found.values()), {}, state()


@pytest.mark.walk
@settings(
    phases=[Phase.generate],  # one failing form is enough: there is nothing to shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=5_000 if IN_A_RELEASE else 40,
    deadline=None,
)
@given(data=st.data())
def test_fields_that_a_form_does_not_have_change_nothing(forms, data):
    client, found, usual, before = forms
    at = data.draw(st.integers(0, len(found) - 1))
    form = found[at]
    names = data.draw(st.just(NAMES) | st.lists(st.sampled_from(NAMES), min_size=1, max_size=20))
    value = data.draw(VALUES)
    asked = form.data.keys() | ASKED_ELSEWHERE.get(form.key[0], set())
    more = {name: value for name in names if name not in asked}
    if at not in usual:
        usual[at] = result_of(client, form, {})
    status, after = result_of(client, form, more)
    if status in REFUSED and after == before:
        return
    differing = {
        label: [row for row, _other in itertools.zip_longest(rows, usual[at][1][label]) if row != _other][:3]
        for label, rows in after.items()
        if rows != usual[at][1][label]
    }
    assert (status, differing) == (usual[at][0], {}), (form.action, sorted(more), value)
