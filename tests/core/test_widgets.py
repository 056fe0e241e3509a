"""A select with hundreds of options."""

from django import forms
from django.test.html import parse_html

from core.widgets import LongSelect

CHOICES = [("", "Choose"), ("Europe", [("Europe/Paris", "Paris"), ("Europe/Rome", "R<o>me")]), ("U&T'C", "U&T'C")]


def html(widget):
    return parse_html(widget(choices=CHOICES).render("zone", "Europe/Paris", {"id": "id_zone", "required": True}))


def test_the_long_select_renders_the_same_html_as_djangos():
    assert html(LongSelect) == html(forms.Select)
