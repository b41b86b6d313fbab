"""Applications that people allow to act for them, by consent in a browser (X7, decision 53).

registering.py: an organisation's applications; allowing.py, ending.py: consents; protocol.py: what clients send, on
allauth's `idp.oidc` and oauthlib.
"""
