"""A customer's own rules for access: the longest, what new resellers begin with, a second factor (R16, R18, P12)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils.duration import duration_iso_string
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, require_fresh_proof
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, KeptOutMachine
from accounts.models.activations import Approval
from accounts.permissions import Permission
from subscriptions.access.durations import HOURS
from subscriptions.access.extent import Extent
from subscriptions.access.kept_out import kept_out_of, names_of
from subscriptions.access.levels import OPENS, opened_by
from subscriptions.models import AccessPolicy


def policy_of(customer: Customer) -> AccessPolicy:
    """Return a customer's rules; where it has set none, those of the original."""
    return AccessPolicy.objects.filter(customer=customer).first() or AccessPolicy(customer=customer)


def first_extent(customer: Customer) -> Extent:
    """Return how far a new reseller's console is opened; never longer than the longest access."""
    policy = policy_of(customer)
    lasts = [lasts for lasts in (policy.new_lasts, policy.longest) if lasts is not None]
    return Extent(policy.new_level, lasts=min(lasts, default=None))


@transaction.atomic
def change_access_policy(
    *,
    actor: Actor,
    customer: Customer,
    longest: timedelta | None,
    level: str,
    lasts: timedelta | None,
    activation_longest: timedelta = HOURS[2],
    activation_approval: str = Approval.AT_ONCE,
    second_factor: bool | None = None,
    machines: bool | None = None,
    let_in: Collection[int] = (),
) -> bool:
    """Save a customer's rules for access; what was given before stays as it is. Returns whether anything differs.

    longest: how long access may last at most; None: it may have no end.
    level, lasts: what a reseller begins with that never had access; lasts None: no end but the longest.
    activation_longest: one of HOURS, how long an agent is inside at most where that is only when needed (R20).
    activation_approval: who approves it.
    second_factor: whether people from outside need one to be inside, from their next request on (P12); None: as before.
    machines: whether machines of resellers may work where their people may, from their next call on (X2).
    let_in: which of the machines that are kept out may work here again, by the ids of their accounts (R22).
    Raises Refused for a level that is none or for more than the longest, PermissionDenied for anybody but a super
    admin (R5), ProofNeeded where something can be opened by it that could not before (P13).
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    if level not in OPENS:
        raise Refused(_("Choose one of the levels."), "level")
    if longest is not None and lasts is not None and lasts > longest:
        raise Refused(_("New resellers cannot have access for longer than the longest."), "lasts")
    if activation_longest not in HOURS:
        raise Refused(_("Choose one of the durations."), "activation_longest")
    if activation_approval not in Approval.values:
        raise Refused(_("Choose who approves activations."), "activation_approval")
    policy = policy_of(customer)
    before = _said(policy, customer)
    admits, asks = customer.admits_machines, customer.asks_for_second_factor
    customer.asks_for_second_factor = asks if second_factor is None else second_factor
    customer.admits_machines = admits if machines is None else machines
    new = AccessPolicy(
        longest=longest,
        new_level=level,
        new_lasts=lasts,
        activation_longest=activation_longest,
        activation_approval=activation_approval,
    )
    kept_out = KeptOutMachine.objects.filter(customer=customer, account__in=let_in)
    if (
        _opens_more(policy, new)
        or (asks and not customer.asks_for_second_factor)
        or (customer.admits_machines and not admits)
        or kept_out.exists()
    ):
        require_fresh_proof(actor)
    kept_out.delete()
    if _said(new, customer) == before:
        return False
    customer.save(update_fields=["asks_for_second_factor", "admits_machines"])
    said = ("longest", "new_level", "new_lasts", "activation_longest", "activation_approval")
    defaults = {name: getattr(new, name) for name in said}
    AccessPolicy.objects.update_or_create(customer=customer, defaults=defaults)
    record_audit(
        EventName.CHANGE_ACCESS_POLICY,
        actor=actor,
        customer=customer.pk,
        subject=customer.name,
        old=before,
        new=_said(new, customer),
    )
    return True


def _opens_more(old: AccessPolicy, new: AccessPolicy) -> bool:
    """Tell whether something can be opened by new rules that could not before."""
    order = list(Approval)  # from nobody to a super admin
    return (
        order.index(Approval(new.activation_approval)) < order.index(Approval(old.activation_approval))
        or new.activation_longest > old.activation_longest
        or _is_longer(new.longest, old.longest)
        or _is_longer(new.new_lasts, old.new_lasts)
        or not OPENS[new.new_level] <= opened_by(old.new_level)
    )


def _is_longer(new: timedelta | None, old: timedelta | None) -> bool:
    """Tell whether a duration is longer than another; None has no end."""
    return old is not None and (new is None or new > old)


def _said(policy: AccessPolicy, customer: Customer) -> dict[str, object]:
    kept_out = names_of(kept_out_of(customer))
    return {
        "longest_access": duration_iso_string(policy.longest) if policy.longest else None,
        "new_reseller_level": policy.new_level,
        "new_reseller_access": duration_iso_string(policy.new_lasts) if policy.new_lasts else None,
        "activation_longest": duration_iso_string(policy.activation_longest),
        "activation_approval": policy.activation_approval,
        "second_factor_from_outside": customer.asks_for_second_factor,
        "machines_admitted": customer.admits_machines,
        **({"machines_kept_out": kept_out} if kept_out else {}),
    }
