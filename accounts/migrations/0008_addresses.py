from django.db import migrations

from core.addresses import normalize_address


def one_address_each(apps, schema_editor):
    """Give everybody one EmailAddress row, that of their address; nobody keeps one that is not confirmed."""
    User, EmailAddress = apps.get_model("accounts", "User"), apps.get_model("account", "EmailAddress")
    taken = set(User.objects.values_list("email", flat=True))
    for user in User.objects.only("email").iterator(2000):
        meant = normalize_address(user.email)
        if meant != user.email and meant not in taken:
            EmailAddress.objects.filter(user=user, email=user.email).update(email=meant)
            User.objects.filter(pk=user.pk).update(email=meant)
            taken.add(meant)
    EmailAddress.objects.filter(primary=False).delete()
    have = set(EmailAddress.objects.values_list("user_id", flat=True))
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user_id=pk, email=email, primary=True, verified=False)
            for pk, email in User.objects.values_list("pk", "email")
            if pk not in have
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    # Every installation that is upgraded through this step already has the tables of django-allauth's "account", whose
    # migrations need the first of this app: named here, they would need the squashed migration, and it them.
    dependencies = [("accounts", "0007_audit_is_append_only")]

    operations = [migrations.RunPython(one_address_each, migrations.RunPython.noop)]
