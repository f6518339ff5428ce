"""Who calls: the session name behind an access key that `sts:AssumeRole` gave out."""

from __future__ import annotations

from moto.sts.models import sts_backends


def session_of(key: str) -> str:
    """Empty for a key that belongs to no assumed role."""
    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            role = backend.get_assumed_role_from_access_key(key)
            if role is not None:
                return str(role.session_name)
    return ""
