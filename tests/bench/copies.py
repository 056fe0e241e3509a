"""Makes the data set of `make bench` large: copies every person and program with all of their rows, in PostgreSQL."""

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from accounts.models import User
from mentoring.models import Program

STEP = 1_000_000  # between the keys of a row and its copy


def copied_models() -> list[type[models.Model]]:
    """Return the models with numbers as keys whose rows belong to a person or a program, directly or not."""
    every, found = apps.get_models(include_auto_created=True), {User, Program}
    every = [model for model in every if not isinstance(model._meta.pk, models.UUIDField)]
    while more := {model for model in every if model not in found and any(parents(model, found))}:
        found |= more
    return sorted(found, key=lambda model: model._meta.db_table)


def parents(model: type[models.Model], found: set) -> list[models.Field]:
    """Return the fields of a model that point to a row of the found models."""
    return [field for field in model._meta.concrete_fields if field.remote_field and field.related_model in found]


def copied(field: models.Field, found: set) -> str:
    """Return the value of a column in copy k, in SQL: keys are moved, and unique values changed."""
    quoted = connection.ops.quote_name(field.column)
    if (field.primary_key and not field.remote_field) or (field.remote_field and field.related_model in found):
        return f"{quoted} + k * {STEP}"
    if isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    if field.unique or (field.model is User and field.name == "email"):
        return f"k || '-' || {quoted}"
    return quoted


@transaction.atomic
def add(copies: int) -> None:
    """Add this many copies of everything. Needs the rights of a superuser, to leave out checks of foreign keys."""
    found, quote = copied_models(), connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in found:
            fields, keys = model._meta.concrete_fields, parents(model, set(found))
            columns = ", ".join(quote(field.column) for field in fields)
            values = ", ".join(copied(field, set(found)) for field in fields)
            belongs = " OR ".join(f"{quote(key.column)} IS NOT NULL" for key in keys) or "TRUE"
            table = quote(model._meta.db_table)
            cursor.execute(
                f"INSERT INTO {table} ({columns})"
                f" SELECT {values} FROM {table}, generate_series(1, {copies}) k WHERE {belongs}"
            )
        for sql in connection.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(sql)


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
