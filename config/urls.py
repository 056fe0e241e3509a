"""Root URL configuration: includes the URLs of all apps."""

from django.urls import include, path

from core.styleguide import styleguide

urlpatterns = [
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("mentoring.urls")),
    path("", include("goals.urls")),
    path("", include("sessions.urls")),
    path("", include("practice.urls")),
    path("", include("records.urls")),
    path("", include("dashboard.urls")),
    path("", include("reminders.urls")),
    path("", include("api.urls")),
    path("", include("demo.urls")),
    path("", include("operations.urls")),
    path("styleguide/", styleguide, name="styleguide"),
]

handler404 = "core.errors.not_found"
handler500 = "core.errors.server_error"
handler429 = "core.errors.too_many_requests"  # django-allauth looks it up by this name
