"""Entries: start, write, read, share, lead on, and delete them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AuditEvent
from accounts.submit_once import submit_once
from core.http import form_page, safe_next_url, whole_number
from goals.default_due_dates import default_due_on
from mentoring.models import Pair
from practice import note_templates, outlets, phrases, self_review
from practice.conversations import conversation_page
from practice.debriefs import debrief_page
from practice.forms.entries import EntryForm, LinksForm, PairForm
from practice.forms.experiments import ResultForm
from practice.forms.mentoring_feedback import AnswerForm
from practice.forms.rehearsals import AfterForm
from practice.inventories import result_of
from practice.kinds import KINDS, PROJECT_DEBRIEFS, STARTING, EntryKind, Kind
from practice.mentoring_feedback import mentoring_page
from practice.models import Buddies, Entry, EntryText
from sessions.models.texts import LONGEST
from sessions.texts import piece_of

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
PAGE = 30
FOR_BUDDIES = (EntryKind.REFLECTION, EntryKind.LESSON)  # whose first sentence is offered as a line


def running_pairs(user) -> list[Pair]:
    """Return the running pairs of this person with both people."""
    return Pair.objects.editable_by(user).select_related("program").order_by("pk").for_reader(user)


def kind_or_404(name: str, starting: bool = False) -> Kind:
    """Return the kind of this name; with `starting`, only one that is not part of another entry."""
    if name not in KINDS or (starting and KINDS[name] not in STARTING):
        raise Http404
    return KINDS[name]


@get_or_post
def entry_create(request, kind):
    """Explain a kind of entry and start one. With several pairs, the person chooses whom it is about."""
    about = kind_or_404(kind, starting=True)
    pairs = running_pairs(request.user) if about.about_pair else []
    data = request.POST if request.method == "POST" else None
    form = PairForm(data, pairs=pairs, user=request.user, initial={"pair": request.GET.get("pair")})
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "practice/entry_create.html", {"kind": about, "form": form, "pairs": pairs})
    pair = form.cleaned_data["pair"] or (pairs[0] if len(pairs) == 1 else None)
    pk = submit_once(request, lambda: Entry.start(request.user, kind, pair).pk)
    return redirect("entry_edit", pk)


@require_safe
def entry_list(request, kind):
    """Show the person's own entries of one kind, newest first."""
    rows = Entry.objects.filter(author=request.user, kind=kind_or_404(kind).name).written().newest_first()
    page = Paginator(rows.select_related("competency", "experiment").with_texts().with_shares(), PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "practice/entry_list.html", {"kind": KINDS[kind], "page": page})


@require_safe
def entry_detail(request, pk):
    """Show an entry to its author, and to a partner with whom it is shared."""
    rows = Entry.objects.visible_to(request.user).filter(Q(author=request.user) | Q(written_at__isnull=False))
    entry = rows.with_texts().filter(pk=pk).first()
    if entry and entry.author_id == request.user.pk:
        return own_entry(request, entry, LinksForm(instance=entry))
    here = Pair.objects.visible_to(request.user)
    share = entry and entry.shares.filter(pair__in=here).order_by("-shared_at").first()
    if not share:  # perhaps since a moment ago; also if it never existed, so that nobody learns what was taken back
        return render(request, "practice/entry_gone.html", status=404)
    context = {"entry": entry, "shared_at": share.shared_at, "now": timezone.now()}
    context |= {"mentoring": mentoring_page(entry, request.user), "answer_form": AnswerForm()}
    context |= {"inventory": result_of(entry), "template": template_of(entry)}
    return render(request, "practice/entry_detail.html", context)


def template_of(entry: Entry) -> note_templates.NoteTemplate | None:
    return note_templates.of_entry(entry) if entry.kind == EntryKind.TEMPLATE else None


def own_entry(request, entry: Entry, form: LinksForm, result_form: ResultForm | None = None) -> HttpResponse:
    pairs = [pair for pair in running_pairs(request.user) if entry.pair_id in (None, pair.pk)]
    shared = {share.pair_id: share for share in entry.shares.select_related("pair__mentor", "pair__mentee")}
    context = {
        "entry": entry,
        "conversation": conversation_page(entry) if entry.about.is_rehearsed else None,
        "mentoring": mentoring_page(entry, request.user),
        "inventory": result_of(entry),
        "review": self_review.page_of(entry),
        "debrief": debrief_page(entry) if entry.kind in PROJECT_DEBRIEFS else None,
        "mine": True,
        "template": template_of(entry),
        "now": timezone.now(),
        "links_form": form,
        "result_form": result_form or ResultForm(instance=getattr(entry, "experiment", None)),
        "pairs": pairs,
        "can_share_with": [pair for pair in pairs if pair.pk not in shared and entry.may_be_shared_in(pair)],
        "shares": [(share, share.pair.other(request.user)) for share in shared.values()],
        "pair_form": PairForm(pairs=pairs, user=request.user),
        "buddies": running_buddies(request.user) if entry.written_at and entry.kind in FOR_BUDDIES else [],
    }
    return form_page(request, "practice/entry_detail.html", context)


def running_buddies(user) -> list[tuple[Buddies, object]]:
    """Return the buddies to whom this person can send a line now."""
    rows = Buddies.objects.editable_by(user).select_related("asked_by", "other").order_by("pk")
    return [(row, row.partner_of(user)) for row in rows]


def own_or_404(request, pk: int) -> Entry:
    rows = Entry.objects.editable_by(request.user)
    return get_object_or_404(
        rows.select_related("pair", "author", "rehearsal", "experiment", "self_review", "work_event", "part_of"), pk=pk
    )


@get_or_post
def entry_edit(request, pk):
    """Write. The texts save themselves; without JavaScript the button saves all of them."""
    entry = own_or_404(request, pk)
    form = EntryForm(request.POST if request.method == "POST" else None, entry=entry)
    links_form = LinksForm(request.POST if form.is_bound else None, instance=entry, only=entry.about.asks)
    rehearsal = getattr(entry, "rehearsal", None)
    after_form = AfterForm(request.POST if form.is_bound else None, instance=rehearsal) if rehearsal else None
    forms = [one for one in (form, links_form, after_form) if one]
    context = {"entry": entry, "form": form, "links_form": links_form, "after_form": after_form, "now": timezone.now()}
    context["phrases"] = phrases.phrases_for(entry) if entry.about.phrased else []
    context["mentoring"] = mentoring_page(entry, request.user)
    context["review"] = self_review.page_of(entry)
    context["page_class"] = "page-wide" if context["review"] else ""
    if request.method != "POST" or False in [one.is_valid() for one in forms]:
        return form_page(request, "practice/entry_edit.html", context)
    form.save(request.user)
    if form.conflicts:
        return render(request, "practice/entry_edit.html", context, status=409)
    links_form.save()
    if after_form and "after" in request.POST:
        after_form.save()
    if "phrase" in request.POST and entry.about.phrased:
        return redirect(reverse("entry_edit", args=[pk]) + put_phrase(request, entry))
    if "more" in request.POST and entry.about.repeats:
        return to_round(request, entry, entry.add_round())
    return redirect("entry_detail", entry.pk)


def put_phrase(request, entry: Entry) -> str:
    """Add a phrase at the end of the text that it is for, and return where that is on the page."""
    text = entry.texts.select_related("entry__author").get(key=entry.about.phrased)
    phrase = request.POST["phrase"].strip()[: phrases.LONGEST]
    longer = " ".join(part for part in (text.text.strip(), phrase) if part)
    if len(longer) > LONGEST:
        messages.warning(request, _("There is no room for the phrase. Shorten the text first."))
    elif not text.text.strip().endswith(phrase):
        piece = piece_of(text, "text")
        piece.write(request.user, longer, piece.fingerprint)
    return f"#field-entry-{text.pk}-text"


def to_round(request, entry: Entry, text: EntryText | None) -> HttpResponse:
    """Go to the field of an answer that was added, or warn that there are too many."""
    if text is None:
        messages.warning(request, _("There is no room for more here. Empty one that you no longer need."))
    anchor = f"#field-entry-{text.pk}-text" if text else ""
    return redirect(reverse("entry_edit", args=[entry.pk]) + anchor)


@require_POST
def entry_more(request, pk):
    """Add one more answer to the prompts that repeat: empty, or a copy to change of the one that `text` names."""
    entry = own_or_404(request, pk)
    if not entry.about.repeats:
        raise Http404
    text = None
    if "text" in request.POST:
        rows = entry.texts.select_related("entry")
        text = get_object_or_404(rows, pk=whole_number(request.POST["text"]))
        if not text.number:
            raise Http404
    return to_round(request, entry, entry.add_round(text))


@require_POST
def entry_link(request, pk):
    """Store what the entry is about."""
    entry = own_or_404(request, pk)
    form = LinksForm(request.POST, instance=entry)
    if not form.is_valid():
        return own_entry(request, entry, form)
    form.save()
    messages.success(request, _("Saved."))
    return redirect("entry_detail", pk)


@require_POST
def entry_share(request, pk, pair_pk):
    """Share an entry with the partner in one pair (`on=1`), or take it back. A pair that ended is only taken back."""
    entry = own_or_404(request, pk)
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pair_pk).for_reader(request.user)
    name = {"name": pair.other(request.user).first_name}
    if request.POST.get("on") != "1":
        entry.take_back(pair)
        messages.success(request, _("Taken back. %(name)s cannot open it anymore.") % name)
    elif entry.may_be_shared_in(pair):
        entry.share(pair)
        messages.success(request, _("Shared. %(name)s can read it now.") % name)
    else:
        messages.warning(request, _("This cannot be shared with %(name)s.") % name)
    return redirect(safe_next_url(request, entry.get_absolute_url()))


def chosen_pair(request, entry: Entry) -> Pair | None:
    """Return the pair that the form names, if the entry may lead there; the only one needs no name."""
    pairs = [pair for pair in running_pairs(request.user) if entry.pair_id in (None, pair.pk)]
    if len(pairs) == 1:
        return pairs[0]
    return next((pair for pair in pairs if str(pair.pk) == request.POST.get("pair")), None)


@require_POST
def entry_commit(request, pk):
    """Make the next step of an entry a commitment of its author."""
    entry = own_or_404(request, pk)
    pair = chosen_pair(request, entry)
    if pair is None or not entry.next_step:
        messages.warning(request, _("First write what you will do, and choose with whom it is."))
        return redirect("entry_detail", pk)
    outlets.commit(entry, pair, default_due_on.ask(pair, request.user.today()))
    messages.success(request, _("Added to your commitments. The due date can be changed there."))
    return redirect("entry_detail", pk)


@require_POST
def entry_to_agenda(request, pk):
    """Put the title of an entry on the next agenda of a pair."""
    entry = own_or_404(request, pk)
    pair = chosen_pair(request, entry)
    if pair is None or not entry.written_at:
        messages.warning(request, _("First choose with whom you want to talk about it."))
        return redirect("entry_detail", pk)
    outlets.add_to_agenda(entry, pair)
    messages.success(request, _("Added to your next agenda."))
    return redirect("entry_detail", pk)


@get_or_post
def entry_delete(request, pk):
    """Ask first, because nobody can restore private text."""
    entry = own_or_404(request, pk)
    if request.method != "POST":
        return render(request, "practice/entry_delete.html", {"entry": entry, "is_shared": entry.shares.exists()})
    with entry.locked():
        entry.touch_readers()
        AuditEvent.record(request.user, AuditEvent.Action.PRACTICE_DELETED, entry)
        entry.delete()
    messages.success(request, _("Deleted."))
    return redirect("practice_list")
