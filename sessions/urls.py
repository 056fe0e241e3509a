from django.urls import path

from sessions.views import ending, items, notes, planning, preparing, templates, texts

urlpatterns = [
    # planning
    path("sessions/", planning.session_list, name="session_list"),
    path("pairs/<int:pk>/sessions/new/", planning.session_schedule, name="session_schedule"),
    path("pairs/<int:pk>/sessions/log/", planning.session_log, name="session_log"),
    path("sessions/<int:pk>/move/", planning.session_move, name="session_move"),
    path("sessions/<int:pk>/cancel/", planning.session_cancel, name="session_cancel"),
    path("sessions/<int:pk>/skip/", planning.session_skip, name="session_skip"),
    path("sessions/<int:pk>/restore/", planning.session_restore, name="session_restore"),
    # preparing
    path("sessions/<int:pk>/prepare/", preparing.session_prepare, name="session_prepare"),
    path("sessions/<int:pk>/status/", preparing.status_edit, name="status_edit"),
    path("sessions/<int:pk>/status/share/", preparing.status_share, name="status_share"),
    path("sessions/<int:pk>/read/", preparing.session_read, name="session_read"),
    # topics and questions
    path("pairs/<int:pk>/items/new/", items.item_create, name="item_create"),
    path("items/<int:pk>/edit/", items.item_edit, name="item_edit"),
    path("items/<int:pk>/park/", items.item_park, name="item_park"),
    path("items/<int:pk>/drop/", items.item_drop, name="item_drop"),
    path("items/<int:pk>/keep/", items.item_keep, name="item_keep"),
    path("items/<int:pk>/reopen/", items.item_reopen, name="item_reopen"),
    path("items/<int:pk>/up/", items.item_up, name="item_up"),
    path("items/<int:pk>/down/", items.item_down, name="item_down"),
    # agenda templates
    path("programs/<int:pk>/agendas/", templates.template_list, name="template_list"),
    path("agendas/<int:pk>/", templates.template_edit, name="template_edit"),
    path("sessions/<int:pk>/agenda/", templates.agenda_edit, name="agenda_edit"),
    # words
    path("sessions/text/<slug:what>/", texts.text_edit, name="text_edit"),
    path("sessions/text/<slug:what>/earlier/", texts.text_history, name="text_history"),
    path("sessions/<int:pk>/only-you/", notes.note_session, name="note_session"),
    path("pairs/<int:pk>/only-you/", notes.note_pair, name="note_pair"),
    path("sessions/<int:pk>/sharing/", notes.screen_share, name="screen_share"),
    # the end
    path("sessions/<int:pk>/wrap-up/", ending.session_wrap_up, name="session_wrap_up"),
    path("sessions/<int:pk>/wrap-up/commitments/", ending.made_create, name="made_create"),
    path("sessions/<int:pk>/wrap-up/commitments/<int:commitment_pk>/", ending.made_edit, name="made_edit"),
    path("sessions/<int:pk>/wrap-up/items/<int:item_pk>/", ending.item_settle, name="item_settle"),
    path("sessions/<int:pk>/agree/", ending.session_agree, name="session_agree"),
    path("sessions/<int:pk>/none-this-time/", ending.session_none_this_time, name="session_none_this_time"),
    path("sessions/<int:pk>/close/", ending.session_close, name="session_close"),
    path("sessions/<int:pk>/reopen/", ending.session_reopen, name="session_reopen"),
    path("sessions/<int:pk>/recap/", ending.session_recap, name="session_recap"),
    path("sessions/<int:pk>/answer/", ending.session_answer, name="session_answer"),
    path("sessions/<int:pk>/rate/", ending.session_rate, name="session_rate"),
]
