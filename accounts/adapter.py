from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in as this product wants it: organisations create their people, nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
