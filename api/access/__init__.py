"""Our own API about the heart: who has access, who is inside, and what waits for an answer (X1).

It reads and takes away; what gives, widens or approves becomes a proposal for a super admin. All through the scopes and
verbs that the pages use.
"""
