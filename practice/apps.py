from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "practice"

    def ready(self):
        from practice import texts  # noqa: F401  registers its kind of text
        from practice.kinds import in_packs
        from sessions.topic_packs import kinds_of_entries

        kinds_of_entries.register(in_packs)
