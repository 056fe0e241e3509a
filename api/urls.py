from django.urls import path

from api import views, webhook_views

urlpatterns = [
    path("api/", views.api_reference, name="api_reference"),
    path("api/v1/openapi.json", views.api_schema, name="api_schema"),
    path("api/v1/<path:path>", views.api, name="api"),
    path("preferences/api/", views.api_token_list, name="api_token_list"),
    path("preferences/api/<int:pk>/revoke/", views.api_token_revoke, name="api_token_revoke"),
    path("programs/<int:pk>/api/", views.program_api, name="program_api"),
    path("programs/<int:pk>/api/<int:token_pk>/revoke/", views.program_api_revoke, name="program_api_revoke"),
    path("programs/<int:pk>/webhooks/", webhook_views.program_webhooks, name="program_webhooks"),
    path("programs/<int:pk>/webhooks/<int:hook_pk>/", webhook_views.program_webhook, name="program_webhook"),
    path("programs/<int:pk>/webhooks/<int:hook_pk>/test/", webhook_views.webhook_test, name="program_webhook_test"),
    path("programs/<int:pk>/webhooks/<int:hook_pk>/on/", webhook_views.webhook_on, name="program_webhook_on"),
    path(
        "programs/<int:pk>/webhooks/<int:hook_pk>/remove/", webhook_views.webhook_remove, name="program_webhook_remove"
    ),
]
