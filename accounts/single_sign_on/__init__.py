"""Signing in with the identity provider of one's organisation (P15).

setting_up.py: its values, the test, switching on and off; client.py: there and back; recognising.py: who came back;
outgoing.py: what we ask of it ourselves.
"""
