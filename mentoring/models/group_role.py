from django.db import models

from accounts.models import GroupMembership, ProvisionedGroup
from mentoring.models.program import Enrollment, Program


class GroupRole(models.Model):
    """A group of the directory whose members are invited to a program in one role (docs/sign-in.md, groups)."""

    group = models.ForeignKey(ProvisionedGroup, on_delete=models.CASCADE, related_name="roles")
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="group_roles")
    role = models.CharField(max_length=6, choices=Enrollment.Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "program", "role"], name="one_role_of_a_group")]

    def __str__(self) -> str:
        return f"{self.group}: {self.role} in {self.program}"

    def members(self) -> models.QuerySet[GroupMembership]:
        """The memberships in all groups with this role in this program."""
        roles = GroupRole.objects.filter(program=self.program_id, role=self.role)
        return GroupMembership.objects.filter(group__in=roles.values("group"))
