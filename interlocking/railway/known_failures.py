"""The failures of the CLI that a person can mend: what it says, what that means, what to type. Pure data.

The texts are those of railwayapp/cli 5.43.1; the first row that matches holds.
"""

from __future__ import annotations

import re

from interlocking.errors import InterlockingError, UnavailableError, UsageError

Known = tuple[type[InterlockingError], str, re.Pattern[str], str, str, str]

_KINDS = (
    "it is wrong, revoked, of another project or environment, or in the wrong variable:"
    " RAILWAY_TOKEN is for a project's token, RAILWAY_API_TOKEN for an account's or a workspace's"
)
_NO_SERVICE = re.compile(
    r"Service(?: ['\"]?([^'\"\n]*?)['\"]?)? not found|The service specified doesn't exist|Linked service not found"
    r"|No service (?:linked|found)|Multiple services found"
)
_NOT_LINKED = re.compile(
    r"No linked project|No project specified|Project not found|RAILWAY_ENVIRONMENT_ID cannot be set without"
)

# Class, code, what the CLI says, our message ({name}: the quoted group of the pattern), why (empty: the CLI's own
# words), what to do.
KNOWN: tuple[Known, ...] = (
    (
        UnavailableError,
        "railway-token-refused",
        re.compile(r"Please check that your (\w+) is valid|Invalid (RAILWAY_\w+)"),
        "Railway refuses the token in{name}",
        _KINDS,
        "make a new token in the settings of the project or of the account",
    ),
    (
        UnavailableError,
        "railway-login",
        re.compile(r"Please login with|Not signed in|Not authenticated|run `railway login` again"),
        "nobody is logged in to Railway here",
        "the CLI has neither a token nor a login that Railway accepts",
        "invoke railway.login; in CI set RAILWAY_TOKEN to a token of the project",
    ),
    (
        UnavailableError,
        "railway-access",
        re.compile(r"do not have access|is restricted"),
        "this login or token may not do that on Railway",
        "",
        "ask an admin of the workspace, or use another token",
    ),
    (
        UsageError,
        "railway-not-linked",
        _NOT_LINKED,
        "it is not known which Railway project is meant",
        "",
        "invoke railway.link, or set project in [tool.interlocking.railway] to its id",
    ),
    (
        UsageError,
        "railway-target-deleted",
        re.compile(r"(?:Project|Environment) is deleted"),
        "the project or environment that this folder is linked to was deleted on Railway",
        "",
        "invoke railway.link",
    ),
    (
        UsageError,
        "railway-environment-not-found",
        re.compile(r"Environment(?: \"?([^\"\n]*?)\"?)? not found|No environment specified"),
        "the Railway project has no environment{name}",
        "the token of a project knows only its own environment",
        "railway environment list, then --environment NAME",
    ),
    (
        UsageError,
        "railway-service-not-found",
        _NO_SERVICE,
        "the Railway environment has no service{name}",
        "names count in their exact case",
        "invoke railway.check lists the services; name them in [tool.interlocking.railway]",
    ),
    (
        UsageError,
        "railway-no-services",
        re.compile(r"Project has no services"),
        "the Railway project has no services yet",
        "nothing is made unasked",
        "make the services in Railway's dashboard",
    ),
    (
        UnavailableError,
        "railway-no-deployment",
        re.compile(r"No deployments? found"),
        "the service was never deployed",
        "",
        "invoke deploy.backend",
    ),
    (
        UsageError,
        "upload-too-large",
        re.compile(r"File too large"),
        "the upload is too large for Railway",
        "all that neither .gitignore nor .railwayignore names is uploaded",
        "name what the build does not need in .railwayignore",
    ),
    (
        UnavailableError,
        "ssh-key-missing",
        re.compile(r"No (?:registered )?SSH keys found"),
        "Railway knows no SSH key of this machine",
        "a tunnel, and a command inside the container, go through SSH",
        "railway ssh keys add, or --via public",
    ),
    (
        UnavailableError,
        "ssh-host-unknown",
        re.compile(r"Host key verification failed"),
        "this machine does not know the host key of ssh.railway.com",
        "nobody is there to be asked about it",
        "type ssh ssh.railway.com once, and compare the key; or --via public",
    ),
    (
        UnavailableError,
        "tunnel-failed",
        re.compile(r"SSH tunnel exited before it was ready|Local port \d+ is already in use"),
        "the tunnel to the database did not open",
        "",
        "try again, or --via public",
    ),
    (
        UsageError,
        "railway-not-a-database",
        re.compile(r"No supported database found"),
        "the service is no database",
        "",
        "name the PostgreSQL service in [tool.interlocking.railway], as database",
    ),
    (
        UnavailableError,
        "railway-no-volume",
        re.compile(r"no volume attached"),
        "the database has no volume, so no snapshot can be taken of it",
        "",
        "take a dump instead",
    ),
)
