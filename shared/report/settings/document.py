"""The overview as JSON, version 1."""

from ...model.finding import Json
from .overview import Overview


def as_document(overview: Overview) -> Json:
    return {
        "version": 1,
        "file": overview.file,
        "valid": overview.is_valid,
        "mistakes": [
            {"file": mistake.file, "line": mistake.line, "key": mistake.key, "problem": mistake.problem}
            for mistake in overview.mistakes
        ],
        "targets": [
            {
                "name": target.name,
                "releases": list(target.releases),
                "database": target.database,
                "policy": target.policy,
                "interval": target.interval,
                "channels": list(target.channels),
                "not_watched": [{"what": each.what, "setting": each.setting} for each in target.not_watched],
            }
            for target in overview.targets
        ],
        "broken_targets": list(overview.broken),
        "channels": [
            {"name": channel.name, "kind": channel.kind, "severities": list(channel.severities)}
            for channel in overview.channels
        ],
        "secrets": [
            {
                "name": secret.name,
                "vault": secret.vault,
                "users": list(secret.users),
                "readable": secret.readable,
                "because": secret.because,
            }
            for secret in overview.secrets
        ],
    }
