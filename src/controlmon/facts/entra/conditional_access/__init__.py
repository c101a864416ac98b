"""Conditional Access, judged: is this user, in this app, made to present MFA (or a phishing-resistant strength) by an enabled policy?

Rooms: `policy` reads what Graph answers; `who` and `apps` tell whether a policy is about a user and an app; `circumstances` are all the
ways in which one can sign in; `grants` tell what a policy demands; `rules` puts the question to all policies at once.

A policy alone says little. Every enabled policy that applies must be satisfied, so what several of them leave open together is what counts:
one for browsers and one that blocks all else cover everything, and one that forgets unknown platforms covers nothing.
"""
