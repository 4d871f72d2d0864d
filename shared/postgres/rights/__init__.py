"""Owners and privileges: how access control lists change, which roles have what by them, and how two of them differ."""
