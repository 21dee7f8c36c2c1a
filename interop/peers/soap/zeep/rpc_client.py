"""rpc_client.py: calls the service of style rpc and use literal by zeep.

    rpc_client.py WSDL ENDPOINT 1.1|1.2 USER [CASE...]

The environment variable SOAP_HEADERS says what goes along, with commas between: text, digest (a user
name token of "ada" with the password "love:lace", and a timestamp), and addressing, which zeep adds by
itself where the description says the actions, and only there.
"""

import datetime
import os
import sys

import zeep
from zeep.wsdl import bindings
from zeep.wsse import utils
from zeep.wsse.username import UsernameToken

BINDINGS = {"1.1": bindings.Soap11Binding, "1.2": bindings.Soap12Binding}


def number(value):
    return str(int(value)) if value == int(value) else repr(value)


def timestamp():
    now = datetime.datetime.now(datetime.timezone.utc)
    element = utils.WSU.Timestamp()
    for name, moment in [("Created", now), ("Expires", now + datetime.timedelta(minutes=1))]:
        element.append(getattr(utils.WSU, name)(moment.strftime("%Y-%m-%dT%H:%M:%SZ")))
    return element


def token(headers):
    """What shows who calls."""
    if not {"text", "digest"} & headers:
        return None
    return UsernameToken(
        "ada", "love:lace", use_digest="digest" in headers, timestamp_token=timestamp()
    )


def main():
    wsdl, endpoint, version, _user, *names = sys.argv[1:]
    headers = set(os.environ.get("SOAP_HEADERS", "").split(","))
    client = zeep.Client(wsdl, wsse=token(headers))
    [binding] = [
        name for name, one in client.wsdl.bindings.items() if type(one) is BINDINGS[version]
    ]
    service = client.create_service(binding, endpoint)

    def midpoint():
        point = service.midpoint({"x": 1, "y": -5}, {"x": 2, "y": 1})
        return f"{number(point.x)} {number(point.y)}"

    def join(*words):
        return f"[{service.join({'word': list(words)}, ', ') or ''}]"

    def divide():
        answer = service.divide(17, 5)
        return f"{answer.quotient} {answer.remainder}"

    cases = {
        "distance": lambda: number(service.distance({"x": 1, "y": 2}, {"x": 4, "y": 6})),
        "midpoint": midpoint,
        "join": lambda: join("a", "b <c>", "ü"),
        "join-none": join,
        "divide": divide,
    }
    failed = False
    for name in names or cases:
        try:
            print(name, cases[name](), flush=True)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            failed = True
    sys.exit(failed)


main()
