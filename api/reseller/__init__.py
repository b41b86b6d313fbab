"""Reseller v1: customers, what was sold to them, and who is notified of it (X1, X5).

What a reseller sold stays manageable whatever the access switch says (B3), so nothing here enters a console.
"""
