"""What a provider says it asked people for, in the words of RFC 8176 (P12)."""

from __future__ import annotations

from typing import Final

_KNOWS: Final = frozenset({"pwd", "pin", "kba"})
_HAS: Final = frozenset({"otp", "hwk", "swk", "sc", "sms", "tel", "pop"})
_IS: Final = frozenset({"fpt", "face", "iris", "retina", "vbm"})


def shows_second_factor(methods: object) -> bool:
    """Tell whether the claim `amr` names more than one factor: `mfa` itself, or methods of two kinds.

    Nothing said is no second factor: then the person shows their own here, where they have one.
    """
    if not isinstance(methods, list):
        return False
    named = {method for method in methods if isinstance(method, str)}
    return "mfa" in named or sum(bool(named & kind) for kind in (_KNOWS, _HAS, _IS)) > 1
