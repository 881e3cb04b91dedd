"""The `deploy` namespace: code, and releases of code with migrations, on Railway."""

from __future__ import annotations

from invoke.collection import Collection

from interlocking.tasks import deploy_code, deploy_override, deploy_release


def collection() -> Collection:
    """Return the namespace; its default task is `deploy.status`, which only reads."""
    namespace = Collection("deploy")
    for module in (deploy_code, deploy_override, deploy_release):
        for each in module.TASKS:
            namespace.add_task(each, default=each is deploy_code.status)
    return namespace
