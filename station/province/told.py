"""What is told of the link: each kind of failure in a sentence of its own, so that nobody takes one for another."""

from station.rules.trouble import Trouble

_LONGEST = 200  # letters of a name that is told
_STILL = "Đài vẫn phát những gì đã có."
_AGAIN = "Đài tự thử lại; nếu kéo dài, xem lại đường mạng của đài."
_TELL = "Báo cho tỉnh."
_WARN = "Đừng làm gì với đài; báo ngay cho tỉnh."
_CLOCK = "Xem lại ngày giờ của đài; nếu ngày giờ đúng thì báo cho tỉnh."


class Broken(Exception):  # noqa: N818 - it is a sentence that a person reads, like `Refused`
    """The link, or the stick, did not give what was asked for; `trouble` says why.

    `missing` when it answered that it has no such file, or another one; `again` when going on at once may well
    succeed; `wrong` when what came is not what was signed, and of no use.
    """

    def __init__(
        self, trouble: Trouble, *, missing: bool = False, again: bool = False, wrong: bool = False
    ) -> None:
        super().__init__(str(trouble))
        self.trouble, self.missing, self.again, self.wrong = trouble, missing, again, wrong


class Distrusted(Exception):  # noqa: N818 - as before
    """The province's signed word is not to be believed; `trouble` says why.

    `attack` when no honest server gives such a word: a person must hear of it even if another address is right.
    """

    def __init__(self, trouble: Trouble, *, attack: bool = False) -> None:
        super().__init__(str(trouble))
        self.trouble, self.attack = trouble, attack


def no_network(where: str) -> Broken:
    """No way to the address, or nobody knows its name."""
    what = "Đài không tìm được đường tới máy chủ của tỉnh: mất mạng, hoặc không tra được tên máy chủ."
    return Broken(Trouble(where, what, _STILL, "Xem lại dây mạng, Wi-Fi hoặc SIM của đài; đài tự thử lại."))


def no_answer(where: str) -> Broken:
    """The machine is there, and nothing on it listens."""
    what = "Máy chủ của tỉnh từ chối kết nối: có lẽ đang được sửa chữa."
    return Broken(Trouble(where, what, _STILL, "Đài tự thử lại; nếu kéo dài thì báo cho tỉnh."))


def stalled(where: str) -> Broken:
    """Nothing came for too long."""
    return Broken(Trouble(where, "Máy chủ của tỉnh im lặng quá lâu.", _STILL, _AGAIN), again=True)


def too_slow(where: str) -> Broken:
    """Something comes, but hardly."""
    what = "Đường truyền chậm đến mức không nhận xong được, nên đài tạm thôi."
    return Broken(Trouble(where, what, _STILL, _AGAIN))


def cut(where: str) -> Broken:
    """The connection ended in the middle."""
    what = "Đường truyền bị ngắt giữa chừng."
    return Broken(
        Trouble(where, what, "Phần đã nhận được giữ lại. Đài vẫn phát những gì đã có.", _AGAIN), again=True
    )


def not_trusted(where: str) -> Broken:
    """TLS: nobody vouches for the server."""
    what = "Chứng chỉ của máy chủ không được tin cậy: mạng này bắt đăng nhập, hoặc có máy khác giả làm máy chủ."
    return Broken(Trouble(where, what, _STILL, "Xem mạng có bắt đăng nhập không; nếu không thì báo cho tỉnh."))


def out_of_date(where: str) -> Broken:
    """TLS: a certificate that is not valid yet, or no longer, which is most often the station's own clock."""
    what = "Theo đồng hồ của đài, chứng chỉ của máy chủ chưa có hiệu lực hoặc đã hết hạn."
    return Broken(Trouble(where, what, _STILL, _CLOCK))


def tls_failed(where: str) -> Broken:
    """TLS: any other disagreement."""
    return Broken(Trouble(where, "Không lập được kết nối mã hóa với máy chủ của tỉnh.", _STILL, _AGAIN))


def status(where: str, number: int) -> Broken:
    """An answer that is no file."""
    what = f"Máy chủ của tỉnh báo lỗi {number}."
    return Broken(Trouble(where, what, _STILL, "Đài tự thử lại; nếu kéo dài thì báo cho tỉnh."))


def missing(where: str, path: str) -> Broken:
    """A file that the tree should have and has not."""
    what = f"Ở đó không có tệp {path}: có lẽ tỉnh chưa đăng xong."
    return Broken(Trouble(where, what, _STILL, "Đài tự thử lại; nếu kéo dài thì báo cho tỉnh."), missing=True)


def portal(where: str) -> Broken:
    """A page, or a reference to one, where a file was asked for."""
    what = "Mạng trả về một trang web thay cho tệp của tỉnh: mạng này bắt đăng nhập trước khi dùng."
    return Broken(Trouble(where, what, _STILL, "Đăng nhập vào mạng đó, hoặc nối đài vào mạng khác."))


def too_long(where: str, path: str) -> Broken:
    """More came than there may be."""
    what = f"Tệp {path} dài hơn mức cho phép, nên đài thôi không nhận."
    return Broken(Trouble(where, what, _STILL, _TELL), wrong=True)


def wrong_length(where: str, path: str, length: int, signed: int) -> Broken:
    """Bytes that the server says there are, and that were signed."""
    what = f"Tệp {path} ở máy chủ dài {length} byte, khác với {signed} byte mà tỉnh đã ký."
    return Broken(Trouble(where, what, _STILL, _TELL), missing=True)


def wrong_content(where: str, path: str) -> Broken:
    """A whole file of the right length that is not the signed one."""
    what = f"Tệp {path} không đúng với chữ ký của tỉnh, nên đài đã bỏ đi."
    return Broken(Trouble(where, what, _STILL, _TELL), wrong=True)


def garbled(where: str) -> Broken:
    """An answer that makes no sense."""
    what = "Câu trả lời của máy chủ bị hỏng trên đường truyền."
    return Broken(Trouble(where, what, _STILL, _AGAIN))


def stick_gone(where: str) -> Broken:
    """A stick that cannot be read."""
    what = "Không đọc được USB: bị rút ra giữa chừng, hoặc bị hỏng."
    return Broken(Trouble(where, what, _STILL, "Cắm lại USB; nếu vẫn vậy thì chép sang USB khác."))


def full() -> Trouble:
    """No room for what is to come."""
    what = "Thẻ nhớ của đài sắp đầy, nên chưa nhận thêm được nội dung của tỉnh."
    mend = "Bỏ bớt bản ghi cũ; đài nhận tiếp khi đủ chỗ."
    return Trouble("", what, _STILL, mend)


def busy() -> Trouble:
    """Somebody else is at it."""
    return Trouble("", "Đài đang đồng bộ với tỉnh rồi.", "Lần đồng bộ đó vẫn tiếp tục.", "Chờ nó xong.")


def not_enrolled() -> Trouble:
    """Nobody to ask."""
    return Trouble("", "Đài chưa ghi danh với tỉnh.", _STILL, "Dán dòng ghi danh mà tỉnh gửi.")


def no_pinned_root() -> Trouble:
    """The enrolment's root is gone from the card."""
    what = "Khóa gốc của tỉnh trên thẻ nhớ bị hỏng."
    return Trouble("", what, _STILL, "Ghi danh lại bằng dòng mà tỉnh gửi.")


def unforeseen(where: str, error: Exception) -> Trouble:
    """What nobody thought of; the log has more."""
    what = f"Đồng bộ với tỉnh gặp lỗi không lường trước ({type(error).__name__})."
    return Trouble(where, what, _STILL, "Đài tự thử lại; nhật ký hệ thống có chi tiết.")


def wrong_root(where: str) -> Trouble:
    """A first root that is not the one of the enrolment."""
    what = "Khóa gốc ở máy chủ KHÔNG khớp với dòng ghi danh: có thể có người giả làm tỉnh."
    mend = "Đừng ghi danh; gọi điện cho tỉnh để so mã khóa."
    return Trouble(where, what, _STILL, mend)


def unsigned(where: str, role: str) -> Distrusted:
    """Not signed by those who may."""
    what = f"Chữ ký trên “{role}” không phải của tỉnh: có người giả mạo, hoặc dữ liệu bị sửa trên đường."
    return Distrusted(Trouble(where, what, _STILL, _WARN), attack=True)


def unreadable(where: str, role: str) -> Distrusted:
    """Not even metadata."""
    what = f"“{role}” không phải là dữ liệu có chữ ký: bị hỏng, hoặc bị thay trên đường."
    return Distrusted(Trouble(where, what, _STILL, _AGAIN))


def rolled_back(where: str, role: str) -> Distrusted:
    """Older than what was already had."""
    what = f"Máy chủ đưa ra “{role}” cũ hơn bản đài đã có: có người phát lại bản cũ, hoặc máy chủ bị khôi phục lùi."
    return Distrusted(Trouble(where, what, _STILL, _WARN), attack=True)


def older_stick(where: str) -> Distrusted:
    """A stick from before what was already had."""
    what = "USB này cũ hơn những gì đài đã nhận, nên không có gì mới."
    return Distrusted(Trouble(where, what, _STILL, "Xin tỉnh bản chép mới hơn."))


def mixed(where: str, role: str) -> Distrusted:
    """Parts that were not signed together."""
    what = f"“{role}” không khớp với phần còn lại: máy chủ trộn các bản khác nhau, hoặc tỉnh chưa đăng xong."
    return Distrusted(Trouble(where, what, _STILL, "Đài tự thử lại; nếu kéo dài thì báo cho tỉnh."))


def expired(where: str, role: str, until: str) -> Distrusted:
    """Past its date while the clock is right: nobody renews, or somebody keeps news away."""
    what = (
        f"“{role}” đã hết hạn từ {until}: tỉnh quên ký lại, hoặc có người giữ lại để đài không nhận được bản mới."
    )
    return Distrusted(Trouble(where, what, _STILL, _TELL))


def expired_stick(where: str, until: str) -> Distrusted:
    """A stick that was carried about for too long."""
    what = f"Bản trên USB này đã hết hạn từ {until}."
    return Distrusted(Trouble(where, what, _STILL, "Xin tỉnh bản chép mới hơn."))


def clock_wrong(here: str, there: str) -> Distrusted:
    """Past its date by the station's clock, and by nobody else's."""
    what = f"Đồng hồ của đài có lẽ sai: ở đài là {here}, ở máy chủ của tỉnh là {there}. Không phải lỗi của tỉnh."
    return Distrusted(Trouble("", what, _STILL, "Chỉnh lại ngày giờ của đài; đài sẽ nhận tiếp."))


def clock_unknown(here: str) -> Distrusted:
    """Past its date by a clock that nobody vouches for."""
    what = f"Đồng hồ của đài chưa được chỉnh (đang là {here}), nên chưa biết được bản của tỉnh còn hạn hay không."
    mend = "Nối mạng để đài tự chỉnh giờ, hoặc chỉnh tay; đài sẽ nhận tiếp."
    return Distrusted(Trouble("", what, _STILL, mend))


def not_renewed(where: str, days: int, until: str) -> Trouble:
    """Still valid, but nobody has signed anew."""
    what = f"Đã {days} ngày tỉnh chưa ký lại; chữ ký còn hạn đến {until}."
    return Trouble(where, what, _STILL, "Báo cho tỉnh trước ngày đó.")


def wrong_group(group: str) -> Trouble:
    """A delegation that is not one of ours."""
    return Trouble(group, "Tỉnh khai nhóm này không đúng cách.", "Đài bỏ qua nhóm này.", _TELL)


def repeated_group(where: str, group: str) -> Distrusted:
    """Two roles that may both speak for a group."""
    what = f"Tỉnh giao nhóm “{group}” cho nhiều khóa cùng lúc, nên đài không biết tin khóa nào."
    return Distrusted(Trouble(where, what, _STILL, _TELL))


def outside(path: str, group: str) -> Trouble:
    """A file that is none of the group's who offers it."""
    what = f"Nhóm “{group}” khai một tệp ngoài nhóm của mình."
    return Trouble(path[:_LONGEST], what, "Đài bỏ qua tệp này, các tệp khác vẫn nhận.", _TELL)


def no_address() -> Trouble:
    """An enrolment with nobody to ask."""
    return Trouble("", "Không có nơi nào để lấy dữ liệu của tỉnh.", _STILL, "Dán lại dòng ghi danh mà tỉnh gửi.")
