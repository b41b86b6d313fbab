"""`make drill`: machines are killed, frozen and cut off under load, and nothing that was saved may be lost.

In network namespaces of this machine, with Debian's Patroni, etcd, HAProxy and PgBouncer and the files of
deploy/machines; docs/machines.md has the last result.
"""
