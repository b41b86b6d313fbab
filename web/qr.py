"""QR codes as a path of SVG: drawn into the page, so that neither a script nor another address is needed."""

from __future__ import annotations

from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

# Modules of white around it, as the standard wants it.
_QUIET = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """size: of one side, in modules; path: the dark ones, as SVG draws them."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """Return the QR code of a text."""
    code: QRCode[None] = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return QrCode(len(rows), "".join(dark))
