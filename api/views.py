"""The API behind its URLs, its reference, and the pages on which people make tokens."""

from functools import cache

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404
from django.urls.resolvers import RoutePattern, URLResolver
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.reauthentication import requires_reauthentication
from accounts.submit_once import submit_once
from api.forms import TokenForm
from api.models import ApiToken
from api.problems import problem
from core.http import form_page
from mentoring.models import Program


@cache
def resolver() -> URLResolver:
    """Return the URLs of the API; its library is large, so it is imported with the first request."""
    from api.v1 import api

    return URLResolver(RoutePattern(""), api.urls[0])


@csrf_exempt  # without cookies, see api/middleware.py
@login_not_required
def api(request, path):
    """Answer a request to the API."""
    try:
        match = resolver().resolve(path)
    except Resolver404:
        return problem(404)
    if request.method == "HEAD":
        request.method = "GET"  # the web server leaves out the body
    return match.func(request, *match.args, **match.kwargs)


@require_safe
@login_not_required
def api_schema(request):
    """Return the OpenAPI document."""
    from api.schema import document

    return JsonResponse(document(), headers={"Cache-Control": "public, max-age=3600"})


@require_safe
def api_reference(request):
    """Show what the API can do, read from its OpenAPI document."""
    from api.schema import reference

    return render(request, "api/reference.html", {"areas": reference()})


def make_token(request, form, context: dict, list_url: str):
    """Show the tokens with the form of a new one, or make it and show its secret in this answer only."""
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "api/token_list.html", context | {"form": form})
    made = {}

    def make() -> str:
        token, made["secret"] = form.make()
        return str(token.pk)

    submit_once(request, make)
    if "secret" not in made:
        messages.info(
            request, _("This token was already created and shown. If you have not copied it, create another.")
        )
        return redirect(list_url)
    context |= {"secret": made["secret"], "name": form.cleaned_data["name"], "list_url": list_url}
    return render(request, "api/token_create.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires_reauthentication
def api_token_list(request):
    """List a person's own tokens, or make one."""
    form = TokenForm(request.POST or None, user=request.user)
    tokens = ApiToken.objects.filter(user=request.user, program=None).order_by("-pk")
    context = {"tokens": tokens, "base": "personal_settings.html"}
    return make_token(request, form, context, request.path)


@require_POST
def api_token_revoke(request, pk):
    token = ApiToken.objects.filter(user=request.user, program=None, pk=pk).first()
    if token:  # a second press finds it gone
        token.revoke(request.user)
    messages.success(request, _("The token no longer works."))
    return redirect("api_token_list")


@require_http_methods(["GET", "HEAD", "POST"])
@requires_reauthentication
def program_api(request, pk):
    """List the tokens of a program, or make one."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = TokenForm(request.POST or None, user=request.user, program=program)
    tokens = program.api_tokens.select_related("user").order_by("-pk")
    context = {"tokens": tokens, "program": program, "base": "program_settings.html"}
    return make_token(request, form, context, request.path)


@require_POST
def program_api_revoke(request, pk, token_pk):
    program = Program.objects.managed_by(request.user).filter(pk=pk).first()
    if program is None:
        raise Http404
    if token := program.api_tokens.filter(pk=token_pk).first():
        token.revoke(request.user)
    messages.success(request, _("The token no longer works."))
    return redirect("program_api", pk)
