from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class ProvisionedPerson(models.Model):
    """What the directory of the organization calls a person whose account it keeps through SCIM (docs/sign-in.md)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provisioned")
    user_name = models.CharField(max_length=254)
    external_id = models.CharField(max_length=254, blank=True, db_index=True)
    updated_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)  # by the directory, which alone may open it again
    deleted_at = models.DateTimeField(null=True, blank=True)  # in the directory; here nothing is deleted

    class Meta:
        constraints = [models.UniqueConstraint(Lower("user_name"), name="one_person_per_user_name")]

    def __str__(self) -> str:
        return self.user_name


class ProvisionedGroup(models.Model):
    """A group of people that the directory sends through SCIM; the operator chooses what it leads to (GroupRole)."""

    display_name = models.CharField(max_length=254, db_index=True)
    external_id = models.CharField(max_length=254, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.display_name


class GroupMembership(models.Model):
    group = models.ForeignKey(ProvisionedGroup, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="group_memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="one_membership_per_group")]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"
