"""Báo cáo tháng: a month of the log in figures and drawings, on the screen and on A4."""

from flask import Blueprint, render_template, request

from station.desk.report import monthly_report
from station.rules.report import Month, month_of, read_month
from station.rules.trouble import Refused
from web import here, words
from web.charts import HEIGHT, draw_bars, draw_days

_KINDS = {**{str(kind): name for kind, name in words.KINDS.items()}, "": "Không rõ loại"}

pages = Blueprint("report", __name__, url_prefix="/nhat-ky")


@pages.get("/bao-cao")
def show() -> str | tuple[str, int]:
    """The month that is asked for, else this one."""
    this = month_of(here.local(here.now()).date())
    try:
        month = read_month(request.args["thang"]) if request.args.get("thang") else this
    except Refused as refusal:
        return render_template("report.html", here="log", trouble=refusal.trouble, this=this), 400
    return _page(month)


def _page(month: Month) -> str:
    made = monthly_report(here.home(), month, here.now())
    found = made.figures
    return render_template(
        "report.html",
        here="log",
        made=made,
        found=found,
        days=draw_days(found),
        height=HEIGHT,
        shares=(
            ("Theo nguồn", draw_bars(found.origins), words.ORIGINS),
            ("Theo cụm loa", draw_bars(found.zones), made.config.titles),
            ("Theo loại tin bài", draw_bars(made.kinds), _KINDS),
            ("Theo mức", draw_bars(found.priorities), words.PRIORITIES),
        ),
        local=here.local,
    )
