"""reference_client.py: is given a reference by a service and gives it back, by zeep.

    reference_client.py WSDL

Prints the address of the reference, the names of its parameters, and what the service says of it.
"""

import sys

import zeep


def main():
    [wsdl] = sys.argv[1:]
    service = zeep.Client(wsdl).service
    reference = service.find("a")
    print(reference.Address)
    names = [one.tag for one in reference.ReferenceParameters._value_1]
    print(" ".join(names))
    print(service.text_of(reference))


main()
