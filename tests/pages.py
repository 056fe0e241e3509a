"""A page for the browser tests of shared texts: two texts and a live poll, as in the session room."""

from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from sessions.models import Block

PAGE = """{% extends "base.html" %}{% load texts %}{% block title %}Trial{% endblock %}{% block content %}
<div class="page-head"><h1>Two texts</h1><p class="saved" data-save-state></p></div>
<div id="live" hx-get="/trial/{{ session }}/live/" hx-trigger="every {{ every }}" hx-swap="none"></div>
<div class="sheet stack">{% for block in blocks %}{% text block "note" label=block.title %}{% endfor %}</div>
{% include "sessions/_text_script.html" %}{% endblock %}"""
LIVE = '{% load texts %}{% for block in blocks %}{% text_shown block "note" label=block.title %}{% endfor %}'


def answer(request, source: str, session: int) -> HttpResponse:
    blocks = Block.objects.visible_to(request.user).filter(session=session)
    context = {"session": session, "blocks": blocks, "every": request.GET.get("every", "500ms")}
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def page(request, session):
    return answer(request, PAGE, session)


def live(request, session):
    return answer(request, LIVE, session)


urlpatterns = [
    path("trial/<int:session>/", page),
    path("trial/<int:session>/live/", live),
    path("", include("config.urls")),
]
