"""Approval: the way of a segment from draft to air, and who may take each step."""

from collections.abc import Mapping
from enum import StrEnum

from station.rules.origin import Origin
from station.rules.trouble import Refused, Trouble


class State(StrEnum):
    """How far a segment is on its way to air."""

    RECEIVED = "received"
    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUSED = "refused"


class Step(StrEnum):
    """What a person does with a segment."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"


STEPS: Mapping[tuple[State, Step], State] = {
    (State.DRAFT, Step.SUBMIT): State.WAITING,
    (State.REJECTED, Step.SUBMIT): State.WAITING,
    (State.DRAFT, Step.APPROVE): State.APPROVED,
    (State.WAITING, Step.APPROVE): State.APPROVED,
    (State.DRAFT, Step.REJECT): State.REJECTED,
    (State.WAITING, Step.REJECT): State.REJECTED,
    (State.APPROVED, Step.REJECT): State.REJECTED,
}

_NOT_NOW: Mapping[State, tuple[str, str]] = {
    State.RECEIVED: ("Mục này chưa xử lý xong.", "Chờ xử lý xong rồi làm tiếp."),
    State.REFUSED: ("Tệp của mục này không dùng được.", "Tải lên tệp khác."),
    State.REJECTED: ("Mục này đã bị từ chối.", "Sửa theo lý do rồi gửi duyệt lại."),
    State.WAITING: ("Mục này đang chờ duyệt rồi.", "Chờ người duyệt nghe và quyết định."),
    State.APPROVED: ("Mục này đã được duyệt rồi.", "Không cần làm gì thêm."),
    State.DRAFT: ("Mục này chưa gửi duyệt.", "Gửi duyệt trước."),
}


def after(state: State, step: Step, title: str) -> State:
    """The state that a step leads to; raises `Refused` about `title` when it cannot be taken now."""
    if leads := STEPS.get((state, step)):
        return leads
    what, mend = _NOT_NOW[state]
    raise _refused(title, what, mend)


def check_approver(author: str, approver: str, title: str, *, one_person: bool) -> None:
    """Raise `Refused` when somebody approves what they made themselves, unless the station has one person only."""
    if author == approver and not one_person:
        raise _refused(
            title,
            "Người duyệt phải khác người soạn.",
            "Nhờ người khác duyệt. Đài chỉ có một người: đặt one_person = true ở mục [approval] của station.toml.",
        )


def check_own(origin: Origin, title: str) -> None:
    """Raise `Refused` for what is not the commune's to change; it may be heard, chosen and rejected."""
    if origin is not Origin.COMMUNE:
        what, mend = "Mục này của tỉnh nên xã không sửa hay xóa được.", "Không muốn phát thì từ chối mục này."
        raise _refused(title, what, mend)


def check_reason(reason: str, title: str) -> str:
    """The reason for which it is rejected, which its author must be able to read; raises `Refused` without one."""
    if reason.strip():
        return reason.strip()
    raise _refused(title, "Chưa có lý do từ chối.", "Viết lý do để người soạn biết cần sửa gì.")


def _refused(title: str, what: str, mend: str) -> Refused:
    return Refused(Trouble(title, what, "Các mục khác vẫn phát như thường.", mend))
