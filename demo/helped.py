"""What people answered to *Was this information helpful?*; the answers name nobody."""

from __future__ import annotations

from accounts.models import HelpFeedback

# (text, language, how many it helped, what those missed whom it did not help)
ANSWERS = (
    (
        "reseller-access",
        "en",
        14,
        ("How do I see which agent was inside last week?", "Too long. Start with the table."),
    ),
    ("reseller-access", "fr", 5, ("Qui prévenir lorsque l’accès a été retiré\u00a0?",)),
    ("support-partners", "en", 3, ("What is a verifier?", "")),
    ("licences", "en", 6, ("",)),
    ("transfers", "fr", 2, ()),
)


def answer() -> None:
    """Add the answers of the last weeks."""
    for slug, language, helped, missed in ANSWERS:
        HelpFeedback.objects.bulk_create(
            [HelpFeedback(slug=slug, language=language, helpful=True) for _ in range(helped)]
            + [HelpFeedback(slug=slug, language=language, helpful=False, comment=comment) for comment in missed]
        )
