from django.urls import path

from sessions.views import texts

urlpatterns = [
    path("sessions/text/<slug:what>/", texts.text_edit, name="text_edit"),
    path("sessions/text/<slug:what>/earlier/", texts.text_history, name="text_history"),
]
