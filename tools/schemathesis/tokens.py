"""Access tokens of two tenants: the demo merchant's admin, and an operator, who reads no invoice."""

import base64
import json
import os
import urllib.request
import zlib

import schemathesis

MERCHANT = "merchant-123"  # whose admin it is


@schemathesis.auth().skip_for(path="/oauth/token")
class Tokens:
    """Sends each request with one of the tokens, and the same one whenever a seed is replayed."""

    def get(self, case, context):
        """Fetches the tokens. It is called again every 5 minutes."""
        return [fetch(pair) for pair in clients().items()]

    def set(self, case, data, context):
        case.headers["Authorization"] = "Bearer " + data[not is_admins(case)]


def is_admins(case):
    """Reports whether a request is the admin's. Two of three are, since the operator may do less."""
    text = f"{case.method} {case.path_parameters} {case.query} {case.body}"
    return zlib.crc32(text.encode(errors="replace")) % 3 > 0


def clients():
    """Returns the secrets of the two clients by their ids, the admin's first."""
    admin, operator = "INVOCHAIN_CLIENT_", "INVOCHAIN_OPERATOR_CLIENT_"
    return {os.environ[name + "ID"]: os.environ[name + "SECRET"] for name in (admin, operator)}


def fetch(client):
    """Returns an access token of a client, an id and a secret."""
    request = urllib.request.Request(
        os.environ["API_URL"] + "/oauth/token",
        b"grant_type=client_credentials",
        {"Authorization": "Basic " + base64.b64encode(":".join(client).encode()).decode()},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]
