from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "practice"

    def ready(self):
        from mentoring.models.program import left
        from practice import texts  # noqa: F401  registers its kind of text
        from practice.kinds import in_packs
        from practice.models import Opportunity
        from sessions.topic_packs import kinds_of_entries

        kinds_of_entries.register(in_packs)
        left.register(Opportunity.note_orphans)
