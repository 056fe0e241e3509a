from django.urls import path

from sessions.views import notes, texts

urlpatterns = [
    path("sessions/text/<slug:what>/", texts.text_edit, name="text_edit"),
    path("sessions/text/<slug:what>/earlier/", texts.text_history, name="text_history"),
    path("sessions/<int:pk>/only-you/", notes.note_session, name="note_session"),
    path("pairs/<int:pk>/only-you/", notes.note_pair, name="note_pair"),
    path("sessions/<int:pk>/sharing/", notes.screen_share, name="screen_share"),
]
