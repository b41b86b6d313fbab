"""The product's password hash with the least work: at its full price, tests would spend minutes on passwords."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 8, 1


ONLY = [f"{__name__}.{QuickArgon2.__name__}"]
