"""Facts and figures → the report: HTML through templates, PDF from the same templates."""

from reporter.report.pdf import PdfMaker, render_pdf, start_pdf
from reporter.report.render import check_templates, render_html, render_page
from reporter.report.theme import Theme, load_theme
from reporter.report.workbook import write_workbook
from reporter.report.write import created_epoch, write_report

__all__ = [
    "PdfMaker",
    "Theme",
    "check_templates",
    "created_epoch",
    "load_theme",
    "render_html",
    "render_page",
    "render_pdf",
    "start_pdf",
    "write_report",
    "write_workbook",
]
