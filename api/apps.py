from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self):
        from api.models import ApiToken
        from mentoring.models.program import left

        left.register(ApiToken.forget_former_admin)
