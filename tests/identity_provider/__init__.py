"""An OpenID Connect provider that nobody here wrote, in a process of its own: that of allauth (allauth.idp.oidc).

What stands here only configures it: who its people are, and what its tokens say beside what allauth puts into them.
"""
