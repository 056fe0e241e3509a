from django.urls import path

from api import views

urlpatterns = [
    path("api/", views.api_reference, name="api_reference"),
    path("api/v1/openapi.json", views.api_schema, name="api_schema"),
    path("api/v1/<path:path>", views.api, name="api"),
    path("preferences/api/", views.api_token_list, name="api_token_list"),
    path("preferences/api/<int:pk>/revoke/", views.api_token_revoke, name="api_token_revoke"),
    path("programs/<int:pk>/api/", views.program_api, name="program_api"),
    path("programs/<int:pk>/api/<int:token_pk>/revoke/", views.program_api_revoke, name="program_api_revoke"),
]
