"""What the API's description cannot say about a request that it allows."""

import schemathesis
from tokens import MERCHANT, clients

# Filters that GET /invoices does not take together with invoice_number.
FILTERS = ("expand", "limit", "status", "from", "to", "buyer_gstin", "reference", "external_id")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Mends a request that is to be valid, and leaves one that is to be refused as it is."""
    if (case.path_parameters or {}).get("id") in clients():
        case.path_parameters["id"] = "cl_" + 26 * "a"  # none: the attack does not revoke its own clients
    if case.method.upper() == "PUT" and (case.path_parameters or {}).get("id") == MERCHANT:
        case.path_parameters["id"] = "merchant-attacked"  # the demo merchant keeps its profile
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    mend_query(case.query or {})
    mend_merchant(case)
    headers = case.headers or {}
    for name in ("If-Match", "Idempotency-Key"):
        if headers.get(name) == "0":  # its coverage phase fills optional headers, whatever their pattern
            del headers[name]


def mend_query(query):
    """Keeps what the server takes together."""
    query.pop("cursor", None)  # only a list makes one: TestNoInputIsAServerError forges them
    if "invoice_number" in query:
        for name in FILTERS:
            query.pop(name, None)
        query.setdefault("financial_year", "2526")
    if "from" in query and "to" in query:
        query["from"], query["to"] = sorted((query["from"], query["to"]))


def mend_merchant(case):
    """Names the merchant whose admin one of the callers is; the other must name one."""
    if any(parameter.name == "merchant_id" for parameter in case.operation.query):
        case.query = {**(case.query or {}), "merchant_id": MERCHANT}
    if not isinstance(case.body, dict):
        return
    if case.path == "/clients" and case.body.get("role") != "operator":
        case.body.setdefault("merchant_id", MERCHANT)
    for name in ("merchant_id", "seller_merchant_id"):
        if name in case.body:
            case.body[name] = MERCHANT


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Describes tokens by their header, because ignored_auth passes over the type oauth2."""
    raw_schema["components"]["securitySchemes"]["accessToken"] = {"type": "http", "scheme": "bearer"}
