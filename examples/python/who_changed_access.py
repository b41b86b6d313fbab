"""Lists who gave resellers access, or took it, newest first: python who_changed_access.py"""

from __future__ import annotations

from here import service

activities = service("admin", "reports_v1", "admin.reports.audit.readonly").activities()
request = activities.list(userKey="all", applicationName="admin", eventName="CHANGE_RESELLER_ACCESS", maxResults=100)
while request is not None:
    answer = request.execute()
    for activity in answer.get("items", []):
        said = {one["name"]: one.get("value", "") for one in activity["events"][0].get("parameters", [])}
        print(activity["id"]["time"], activity["actor"].get("email", "the system itself"), said)
    request = activities.list_next(request, answer)
