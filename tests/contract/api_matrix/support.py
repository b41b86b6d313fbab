"""Cloud Support v2 and v2beta: cases, by the people of the customer, its resellers, partners and vendor support."""

from __future__ import annotations

from tests.contract.api_matrix.asks import Ask, ask

_NEW = {
    "displayName": "Mail is late",
    "description": "It takes hours.",
    "classification": {"id": "google_workspace.mail.delivery"},
    "priority": "P2",
}
_ESCALATION = {"escalation": {"reason": "BUSINESS_IMPACT", "justification": "The shop stands still."}}
ASKS: dict[str, Ask] = {
    "cloudsupport.caseClassifications.search": ask(),
    "cloudsupport.cases.get": ask(name="{case}"),
    "cloudsupport.cases.list": ask(parent="{organization}"),
    "cloudsupport.cases.search": ask(parent="{organization}"),
    "cloudsupport.cases.create": ask(_NEW, parent="{organization}"),
    "cloudsupport.cases.patch": ask({"displayName": "New"}, name="{case}", updateMask="displayName"),
    "cloudsupport.cases.escalate": ask(_ESCALATION, name="{case}"),
    "cloudsupport.cases.close": ask({}, name="{case}"),
    "cloudsupport.cases.showFeed": ask(parent="{case}"),
    "cloudsupport.cases.comments.list": ask(parent="{case}"),
    "cloudsupport.cases.comments.get": ask(name="{comment}"),
    "cloudsupport.cases.comments.create": ask({"body": "More of it."}, parent="{case}"),
    "cloudsupport.cases.attachments.list": ask(parent="{case}"),
    "cloudsupport.cases.attachments.get": ask(name="{file}"),
    "cloudsupport.media.upload": ask("A note.", parent="{case}", attachment__filename="a.txt"),
    "cloudsupport.media.download": ask(name="{file}", alt="media"),
}
TABLE = """
cloudsupport.caseClassifications.search  OOOOOOOU OOOOOOOU OOOOOO OOUOO OO OO DDD DDD UU
cloudsupport.cases.get                   OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.cases.list                  OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.cases.search                OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.cases.create                OOODDDDU OOOOAOAU OOOOOD DAUOD DD AA DDD DDD UU
cloudsupport.cases.patch                 OOODDDDU OOOOAOAU OOOOOD DAUOD DD AA DDD DDD UU
cloudsupport.cases.escalate              OOODDDDU OOOOAOAU OOOOOD DAUOD DD AA DDD DDD UU
cloudsupport.cases.close                 OOODDDDU OOOOAOAU OOOOOD DAUOD DD AA DDD DDD UU
cloudsupport.cases.showFeed              OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.cases.comments.list         OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.cases.comments.get          OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.cases.comments.create       OOODDDDU OOOOAOAU OOOOOD DAUOD DD AA DDD DDD UU
cloudsupport.cases.attachments.list      OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.cases.attachments.get       OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
cloudsupport.media.upload                OOODDDDU OOOOAOAU OOOOOD DAUOD DD AA DDD DDD UU
cloudsupport.media.download              OOODDODU OOOOAOAU OOOOOD DAUOD DO AA DDD DDD UU
"""
