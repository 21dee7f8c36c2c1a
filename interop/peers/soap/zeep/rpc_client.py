"""rpc_client.py: calls the service of style rpc and use literal by zeep.

    rpc_client.py WSDL ENDPOINT 1.1|1.2 USER [CASE...]
"""

import sys

import zeep
from zeep.wsdl import bindings

BINDINGS = {"1.1": bindings.Soap11Binding, "1.2": bindings.Soap12Binding}


def number(value):
    return str(int(value)) if value == int(value) else repr(value)


def main():
    wsdl, endpoint, version, _user, *names = sys.argv[1:]
    client = zeep.Client(wsdl)
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
