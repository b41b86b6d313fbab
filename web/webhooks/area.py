"""The two places with a page *Webhooks* (X6)."""

from __future__ import annotations

from accounts.models import WebhookDelivery, WebhookEndpoint
from web.own_area import OwnArea


class Area(OwnArea):
    """Where a request was made."""

    @property
    def list_url(self) -> str:
        return self.page("webhooks")

    @property
    def new_url(self) -> str:
        return self.page("webhook_new")

    @property
    def shown_url(self) -> str:
        """Where a secret is shown once."""
        return self.page("webhook_secret")

    def url(self, endpoint: WebhookEndpoint, deed: str = "") -> str:
        """Return the URL of an endpoint, or of what is done with it."""
        return self.page(f"webhook_{deed or 'endpoint'}", endpoint_id=endpoint.pk)

    def message_url(self, delivery: WebhookDelivery) -> str:
        return self.page("webhook_message", endpoint_id=delivery.endpoint_id, delivery_id=delivery.pk)

    def replay_url(self, delivery: WebhookDelivery) -> str:
        return self.page("webhook_replay", endpoint_id=delivery.endpoint_id, delivery_id=delivery.pk)
