"""Edit one piece of text, and show its earlier versions."""

from django import forms
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from core.http import safe_next_url
from sessions.texts import Conflict, Piece, piece_for


class PlainText(forms.CharField):
    """Text as it was typed, not trimmed, with normalized line ends and without NUL characters."""

    def __init__(self, piece: Piece):
        super().__init__(
            label=piece.label,
            max_length=piece.field.max_length,
            required=not piece.field.blank,
            strip=False,
            error_messages={
                "required": _("Enter some text."),
                "max_length": ngettext_lazy(
                    "This is %(show_value)s characters long; the limit is %(limit_value)s character. "
                    "Nothing is lost. Shorten it here.",
                    "This is %(show_value)s characters long; the limit is %(limit_value)s characters. "
                    "Nothing is lost. Shorten it here.",
                    "limit_value",
                ),
            },
        )
        self.one_line = piece.is_one_line

    def to_python(self, value):
        text = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        return " ".join(text.split("\n")) if self.one_line else text


class TextForm(forms.Form):
    """One piece, and the fingerprint of the text its writer started from."""

    started_from = forms.CharField(required=False)
    writer = forms.IntegerField(required=False)

    def __init__(self, piece: Piece, data=None):
        super().__init__(data, initial={"text": piece.text, "started_from": piece.fingerprint})
        self.fields["text"] = PlainText(piece)


def piece_or_404(user, key: str) -> Piece:
    try:
        return piece_for(user, key)
    except ObjectDoesNotExist:
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def text_edit(request, key):
    piece = piece_or_404(request.user, key)
    if request.method != "POST":
        return text_answer(request, piece, TextForm(piece), "sessions/_text_editor.html")
    form = TextForm(piece, request.POST)
    if not form.is_valid():
        return text_answer(request, piece, form, "sessions/_text_problem.html", status=422)
    if form.cleaned_data["writer"] not in (None, request.user.pk):
        raise PermissionDenied  # somebody else signed in meanwhile, in another tab of the same browser
    try:
        piece.write(request.user, form.cleaned_data["text"], form.cleaned_data["started_from"])
    except Conflict as conflict:
        return text_conflict(request, piece.as_of(conflict.current), form)
    except ObjectDoesNotExist:  # removed in the meantime
        raise Http404 from None
    if request.htmx:
        return render(request, "sessions/_text_saved.html", {"piece": piece, "saved_at": timezone.now()})
    return redirect(safe_next_url(request, "/"))


def text_conflict(request: HttpRequest, theirs: Piece, form: TextForm) -> HttpResponse:
    """Answer 409 with both versions and the choice between them. The next save starts from theirs."""
    writer = theirs.last_writer()
    more = {"theirs": theirs, "writer": writer, "own": writer == request.user, "started_from": theirs.fingerprint}
    return text_answer(request, theirs, form, "sessions/_text_conflict.html", status=409, **more)


def text_answer(request, piece: Piece, form: TextForm, fragment: str, status: int = 200, **more) -> HttpResponse:
    """Return the fragment for an open page, or a whole page without JavaScript."""
    context = {
        "piece": piece,
        "form": form,
        "typed": form["text"].value() or "",
        "next": safe_next_url(request, "/"),
        "started_from": form["started_from"].value(),
    }
    return render(request, fragment if request.htmx else "sessions/text_edit.html", context | more, status=status)


@require_safe
def text_history(request, key):
    piece = piece_or_404(request.user, key)
    return render(request, "sessions/text_history.html", {"piece": piece, "next": safe_next_url(request, "/")})
