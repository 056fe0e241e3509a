"""What happens to each model's rows when a person is erased. A model that is missing here fails a test."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import ForeignKey, Model, Q

from accounts.models import User


def links_to_people(model: type[Model]) -> list[str]:
    """Return the names of the fields with which a row names a person."""
    fields = model._meta.concrete_fields
    return [field.name for field in fields if isinstance(field, ForeignKey) and field.related_model is User]


def rows_of(person: User) -> Iterator[tuple[str, int]]:
    """Yield each model that names this person, with the number of its rows that do."""
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if names := links_to_people(model):
            condition = Q()
            for name in names:
                condition |= Q(**{name: person})
            if n := model._base_manager.filter(condition).count():
                yield model._meta.label, n
