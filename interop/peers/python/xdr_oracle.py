"""XDR by xdrlib3, one request and one answer a line, until standard input ends.

Requests:
  {"encode": [[TYPE, VALUE], ...]}          -> {"hex": "..."}
  {"decode": [TYPE, ...], "hex": "..."}     -> {"values": [...]}
A request that cannot be done, among them bytes left over, is answered with {"error": "..."}.

Types are "int", "uint", "hyper", "uhyper", "enum", "bool", "float", "double", "string", "opaque",
"void", and lists: ["fopaque", N], ["array", TYPE], ["farray", N, TYPE], ["optional", TYPE],
["list", TYPE] (a linked list: 1 before each element, 0 at the end), ["struct", TYPE, ...],
["union", TYPE, {"DISCRIMINANT": TYPE, ..., "default": TYPE}].

Values: strings are text, opaques hexadecimal, an absent optional is null, a union is
[DISCRIMINANT, VALUE], void is null, a struct is a list, and a float that JSON has no number for is
"inf", "-inf" or "nan". The names of a union's arms are the discriminants in decimal, "true" and
"false". What xdrlib3 does not check by itself (a bool of 2) is not checked here.
"""

import json
import math
import sys

import xdrlib3

PLAIN = ("int", "uint", "hyper", "uhyper", "enum", "bool")


def json_of(number):
    return number if math.isfinite(number) else str(number)


def arm_of(arms, discriminant):
    name = str(discriminant).lower()
    if name in arms:
        return arms[name]
    if "default" in arms:
        return arms["default"]
    raise ValueError(f"no arm for {name}")


def pack(packer, kind, value):
    if kind == "void":
        return
    if isinstance(kind, str):
        if kind in PLAIN:
            getattr(packer, f"pack_{kind}")(value)
        elif kind in ("float", "double"):
            getattr(packer, f"pack_{kind}")(float(value))
        elif kind == "string":
            packer.pack_string(value.encode())
        elif kind == "opaque":
            packer.pack_opaque(bytes.fromhex(value))
        else:
            raise ValueError(f"no type {kind}")
        return
    name, *rest = kind
    if name == "fopaque":
        packer.pack_fopaque(rest[0], bytes.fromhex(value))
    elif name == "array":
        packer.pack_array(value, lambda item: pack(packer, rest[0], item))
    elif name == "farray":
        packer.pack_farray(rest[0], value, lambda item: pack(packer, rest[1], item))
    elif name == "list":
        packer.pack_list(value, lambda item: pack(packer, rest[0], item))
    elif name == "optional":
        packer.pack_bool(value is not None)
        if value is not None:
            pack(packer, rest[0], value)
    elif name == "struct":
        for member, item in zip(rest, value, strict=True):
            pack(packer, member, item)
    elif name == "union":
        pack(packer, rest[0], value[0])
        pack(packer, arm_of(rest[1], value[0]), value[1])
    else:
        raise ValueError(f"no type {name}")


def unpack(unpacker, kind):
    if kind == "void":
        return None
    if isinstance(kind, str):
        if kind in PLAIN:
            return getattr(unpacker, f"unpack_{kind}")()
        if kind in ("float", "double"):
            return json_of(getattr(unpacker, f"unpack_{kind}")())
        if kind == "string":
            return unpacker.unpack_string().decode()
        if kind == "opaque":
            return unpacker.unpack_opaque().hex()
        raise ValueError(f"no type {kind}")
    name, *rest = kind
    if name == "fopaque":
        return unpacker.unpack_fopaque(rest[0]).hex()
    if name == "array":
        return unpacker.unpack_array(lambda: unpack(unpacker, rest[0]))
    if name == "farray":
        return unpacker.unpack_farray(rest[0], lambda: unpack(unpacker, rest[1]))
    if name == "list":
        return unpacker.unpack_list(lambda: unpack(unpacker, rest[0]))
    if name == "optional":
        return unpack(unpacker, rest[0]) if unpacker.unpack_bool() else None
    if name == "struct":
        return [unpack(unpacker, member) for member in rest]
    if name == "union":
        discriminant = unpack(unpacker, rest[0])
        return [discriminant, unpack(unpacker, arm_of(rest[1], discriminant))]
    raise ValueError(f"no type {name}")


def answer(request):
    if "encode" in request:
        packer = xdrlib3.Packer()
        for kind, value in request["encode"]:
            pack(packer, kind, value)
        return {"hex": packer.get_buffer().hex()}
    unpacker = xdrlib3.Unpacker(bytes.fromhex(request["hex"]))
    values = [unpack(unpacker, kind) for kind in request["decode"]]
    unpacker.done()
    return {"values": values}


def main():
    print("READY xdrlib3", flush=True)
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # whatever it is, the next line may be right
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
