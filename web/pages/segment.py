"""One segment: what is known of it, and each deed on its way to air."""

from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import segments
from station.rules.approval import State
from station.rules.facts import NO_FACTS, Facts, Field
from station.rules.now import DAY
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.library import StoredSegment
from web import here, words
from web.permits import needs

pages = Blueprint("segment", __name__, url_prefix="/thu-vien")


@pages.get("/<segment>")
def show(segment: str) -> str:
    """All that is known of it."""
    return _page(_found(segment))


@pages.post("/<segment>/thong-tin")
@needs(Deed.COMPOSE)
def describe(segment: str) -> Response | tuple[str, int]:
    """Change what is known of it beside its sound."""
    found = _found(segment)
    try:
        facts, title = _facts(found.facts), request.form.get("title", "")
        segments.describe_segment(
            here.home(),
            found.id,
            title=title,
            kind=here.kind(request.form.get("kind", "")),
            facts=facts,
            by=here.person(),
            now=here.now(),
        )
    except Refused as refusal:
        return _page(found, request.form, refusal.trouble), 400
    here.tell(f"Đã lưu thông tin của “{found.title}”.")
    return redirect(url_for("segment.show", segment=found.id))


@pages.post("/<segment>/gui-duyet")
@needs(Deed.COMPOSE)
def submit(segment: str) -> Response:
    """Ask for its approval."""
    return _done(
        segment, lambda by, now: segments.submit_segment(here.home(), segment, by=by, now=now), "Đã gửi duyệt “{}”."
    )


@pages.post("/<segment>/duyet")
@needs(Deed.APPROVE)
def approve(segment: str) -> Response:
    """Approve it for air as it sounds now."""
    return _done(
        segment, lambda by, now: segments.approve_segment(here.home(), segment, by=by, now=now), "Đã duyệt “{}”."
    )


@pages.post("/<segment>/tu-choi")
@needs(Deed.APPROVE)
def reject(segment: str) -> Response:
    """Reject it, with a reason."""
    reason = request.form.get("reason", "")
    return _done(
        segment,
        lambda by, now: segments.reject_segment(here.home(), segment, reason, by=by, now=now),
        "Đã từ chối “{}”.",
    )


@pages.post("/<segment>/xoa")
@needs(Deed.COMPOSE)
def remove(segment: str) -> Response:
    """Remove it and its files."""
    return _done(
        segment, lambda by, now: segments.remove_segment(here.home(), segment, by=by, now=now), "Đã xóa “{}”."
    )


@pages.get("/soan")
@needs(Deed.COMPOSE)
def compose() -> str:
    """The form that takes a text for a voice to read."""
    return _form({"text": here.template_text()})


@pages.post("/soan")
@needs(Deed.COMPOSE)
def keep_text() -> Response | tuple[str, int]:
    """Keep a text; a voice reads it, and a person then hears and approves it."""
    text, title = request.form.get("text", ""), request.form.get("title", "").strip()
    wrong = request.form.get("corrects", "")
    home, by, now = here.home(), here.person(), here.now()
    try:
        if wrong:
            made = segments.correct_segment(home, wrong, text, by=by, now=now)
        else:
            title = title or _first_words(text)
            made = segments.add_text(
                home, text, title=title, kind=here.kind(request.form.get("kind", "")), by=by, now=now
            )
    except Refused as refusal:
        return _form(request.form, refusal.trouble), 400
    segments.look_again(here.home())
    here.tell(f"Đã nhận “{made.title}”. Máy đang đọc thành tiếng; nghe thử rồi gửi duyệt.")
    return redirect(url_for("library.library"))


def _done(segment: str, deed: Callable[[str, int], StoredSegment], told: str) -> Response:
    try:
        here.tell(told.format(deed(here.person(), here.now()).title))
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    back = request.form.get("back") == "segment" and here.home().library.find(segment)
    return redirect(url_for("segment.show", segment=segment) if back else url_for("library.library"))


def _page(found: StoredSegment, typed: Mapping[str, str] | None = None, trouble: Trouble | None = None) -> str:
    corrected = found.facts.corrects and here.home().library.find(found.facts.corrects)
    return render_template(
        "segment.html",
        here="library",
        segment=found,
        corrected=corrected,
        form=_written(found) if typed is None else typed,
        trouble=trouble,
        kinds=words.KINDS,
        fields=words.FIELDS,
        State=State,
        may_approve=here.may_approve(found),
        local=here.local,
    )


def _form(typed: Mapping[str, str], trouble: Trouble | None = None) -> str:
    wrong = here.home().library.find(typed.get("corrects") or request.args.get("dinh-chinh", ""))
    return render_template(
        "compose.html", here="library", form=typed, trouble=trouble, kinds=words.KINDS, wrong=wrong
    )


def _found(segment: str) -> StoredSegment:
    if found := here.home().library.find(segment):
        return found
    raise NotFound


def _written(found: StoredSegment) -> dict[str, str]:
    """A segment as its form shows it."""
    facts = found.facts
    return {
        "title": found.title,
        "kind": found.kind,
        "field": facts.field,
        "source": facts.source,
        "confirmed_by": facts.confirmed_by,
        "responsible": facts.responsible,
        "valid_from": _date(facts.valid_from),
        "valid_until": _date(None if facts.valid_until is None else facts.valid_until - 1),
    }


def _facts(before: Facts = NO_FACTS) -> Facts:
    form = request.form
    return Facts(
        field=_field(),
        source=form.get("source", "").strip(),
        confirmed_by=form.get("confirmed_by", "").strip(),
        responsible=form.get("responsible", "").strip(),
        valid_from=here.day_edge(form.get("valid_from", ""), 0),
        valid_until=here.day_edge(form.get("valid_until", ""), DAY),
        corrects=before.corrects,
    )


def _date(wall: int | None) -> str:
    return "" if wall is None else here.local(wall).date().isoformat()


def _field() -> Field:
    try:
        return Field(request.form.get("field", ""))
    except ValueError:
        raise Refused(Trouble("", "Chưa chọn lĩnh vực.", mend="Chọn một lĩnh vực, hoặc “Khác”.")) from None


def _first_words(text: str) -> str:
    return " ".join(text.split()[:8])
