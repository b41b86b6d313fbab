"""Lists who is suspended, with the last sign-in: python suspended_users.py"""

from __future__ import annotations

from here import service

users = service("admin", "directory_v1", "admin.directory.user.readonly").users()
request = users.list(customer="my_customer", query="isSuspended=true", orderBy="email", maxResults=100)
while request is not None:
    answer = request.execute()
    for user in answer.get("users", []):
        print(user["primaryEmail"], user["lastLoginTime"])
    request = users.list_next(request, answer)
