"""contract_client.py: calls the contract by zeep, case by case.

    contract_client.py WSDL ENDPOINT 1.1|1.2 USER [CASE...]

Prints one line per case, its name first. A case that fails is told on standard error, the
others go on, and the exit status is 1. USER keeps apart those who share a server.

zeep writes Python's inf and nan as they are, which xs:double does not know: the cases give it
the words of XML Schema instead. It reads an empty string in a structure as none at all, so that
there is no case with one.
"""

import datetime
import math
import sys
from decimal import Decimal

import zeep
from zeep import xsd
from zeep.wsdl import bindings

TYPES = "{urn:rmix:contract:types}"
# Descriptions of one contract differ in what they call bindings and parts of headers.
BINDINGS = {"1.1": bindings.Soap11Binding, "1.2": bindings.Soap12Binding}


def number(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return str(int(value)) if value == int(value) else repr(value)


def brackets(text):
    text = text or ""
    return "[" + text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "]"


def shown_stats(stats):
    numbers = [number(value) for value in (stats.mean, stats.min, stats.max)]
    return " ".join([str(stats.count), *numbers])


def shown_reading(reading):
    at = reading.at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    note = "nil" if reading.note is None else reading.note
    comment = "absent" if reading.comment is None else reading.comment
    tags = ",".join(reading.tags)
    return (
        f"{reading.place} {number(reading.celsius)} {at} [{tags}] {reading.quality}"
        f" note={note} comment={comment}"
    )


class Cases:
    def __init__(self, client, service, user):
        self.client = client
        self.service = service
        self.user = user

    def make(self, kind, /, **fields):
        return self.client.get_type(TYPES + kind)(**fields)

    def echo(self, text):
        return brackets(self.service.echo(text))

    def stats(self, *values):
        return shown_stats(self.service.stats(list(values)))

    def fault(self, place):
        try:
            return shown_reading(self.service.reading(place))
        except zeep.exceptions.Fault as fault:
            kind = self.client.get_element("{urn:rmix:contract}NoSuchPlace")
            [detail] = list(fault.detail)
            unknown = kind.parse(detail, self.client.wsdl.types)
            return f"NoSuchPlace {unknown.place} [{','.join(unknown.known)}]"

    def revise(self, note, comment, tags):
        reading = self.make(
            "Reading",
            place="Tromsø",
            celsius=21.25,
            at=datetime.datetime(2023, 6, 1, 10, 0, tzinfo=datetime.timezone.utc),
            tags=tags,
            quality="bad",
            note=note,
            comment=comment,
        )
        return shown_reading(self.service.revise(reading))

    def tree(self):
        leaf = self.make("Node", name="leaf")
        branch = self.make("Node", name="branch", children=[leaf])
        twig = self.make("Node", name="twig", children=[branch])
        return self.service.tree(self.make("Node", name="root", children=[leaf, twig]))

    def blob(self, data):
        info = self.service.blob(data)
        sha256 = info.sha256 if isinstance(info.sha256, str) else info.sha256.hex()
        return f"{info.size} {sha256.lower()}"

    def area(self, name, **fields):
        return number(self.service.area(self.make(name, name=name, **fields)))

    def pay(self, amount, on):
        return self.service.pay(Decimal(amount), datetime.date.fromisoformat(on))

    def label(self, **fields):
        item = self.service.label(self.make("Item", **fields))
        return f"{item.id} {item.lang or 'absent'} {item._value_1}"

    def running(self, *numbers):
        return "[" + ",".join(str(one) for one in self.service.running(list(numbers)) or []) + "]"

    def settle(self, **fields):
        settlement = self.service.settle(self.make("Payment", **fields))
        if settlement.approval is not None:
            return f"approval {settlement.approval}"
        return f"change {settlement.change}"

    def whoami(self):
        kind = self.client.get_element("{urn:rmix:contract}SessionToken")
        token = kind(user=self.user, id=7)
        answer = self.service.whoami(_soapheaders=[token])
        [part] = answer.header
        return f"{answer.body['return']} {answer.header[part].count}"

    def notify(self):
        for word in ("one", "two"):
            self.service.notify(f"{self.user} {word}")
        return "[" + ",".join(sorted(self.service.notified(self.user, 2))) + "]"

    def swap(self):
        answer = self.service.swap("left", "right")
        return f"{answer.a} {answer.b}"

    def all(self):
        return {
            "echo": lambda: self.echo("Grüße, 世界 🌍"),
            "echo-markup": lambda: self.echo('<a href="x">&amp;</a> ]]>'),
            "echo-space": lambda: self.echo("  two lines\n\tindented  "),
            "echo-empty": lambda: self.echo(""),
            "add": lambda: self.service.add(1, 2),
            "add-negative": lambda: self.service.add(-2147483647, -1),
            "stats": lambda: self.stats(1, 2, 3.75),
            "stats-up": lambda: self.stats(1, "INF"),
            "stats-down": lambda: self.stats("-INF", 1.5),
            "stats-nan": lambda: self.stats(1, "NaN"),
            "stats-none": lambda: self.stats(),
            "reading": lambda: shown_reading(self.service.reading("Oslo")),
            "reading-nil": lambda: shown_reading(self.service.reading("Bergen")),
            "reading-fault": lambda: self.fault("Atlantis"),
            "revise": lambda: self.revise(xsd.Nil, "windy", ["a", "b c"]),
            "revise-absent": lambda: self.revise("warm", None, []),
            "tree": self.tree,
            "blob": lambda: self.blob(bytes(range(256))),
            "blob-empty": lambda: self.blob(b""),
            "area-shape": lambda: self.area("Shape"),
            "area-circle": lambda: self.area("Circle", radius=2),
            "area-square": lambda: self.area("Square", side=2.5),
            "pay": lambda: self.pay("100.05", "2024-02-29"),
            "pay-exact": lambda: self.pay("1234567890123456.05", "2024-12-01"),
            "label": lambda: self.label(_value_1="Title <1>", id=7, lang="en"),
            "label-plain": lambda: self.label(_value_1="größe", id=-1),
            "running": lambda: self.running(1, 2, 3),
            "running-none": lambda: self.running(),
            "settle-card": lambda: self.settle(amount=Decimal("9.99"), card={"number": "49001234"}),
            "settle-cash": lambda: self.settle(
                amount=Decimal("12.50"), cash={"tendered": Decimal("20.25")}
            ),
            "whoami": self.whoami,
            "whoami-again": self.whoami,
            "notify": self.notify,
            "swap": self.swap,
        }


def main():
    wsdl, endpoint, version, user, *names = sys.argv[1:]
    client = zeep.Client(wsdl)
    [binding] = [
        name for name, one in client.wsdl.bindings.items() if type(one) is BINDINGS[version]
    ]
    service = client.create_service(binding, endpoint)
    cases = Cases(client, service, user).all()
    failed = False
    for name in names or cases:
        try:
            print(name, cases[name](), flush=True)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            failed = True
    sys.exit(failed)


main()
