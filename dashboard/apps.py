from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self):
        from dashboard.models import Flag
        from records.retention import erase_texts

        erase_texts.register(lambda pair: Flag.objects.filter(pair=pair).update(snooze_reason=""))
