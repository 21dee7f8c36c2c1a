"""check_nvim_callback.py: runs callback.lua in a Neovim and serves its calls by hand.

    check_nvim_callback.py CALLBACK.LUA NVIM [ARGUMENT...]

Prints, as one line of JSON, what callback.lua returned and every message Neovim sent before it.
It knows msgpack and no MessagePack-RPC library, so that a fault of one cannot hide here.
"""

import json
import os
import subprocess
import sys

import msgpack

CHANNEL = 1
OUR_MESSAGE_ID = 1  # on purpose the number of Neovim's own first request


def answer(method, parameters, readings, reported):
    """(error, result) of a request."""
    if method == "latest":
        (place,) = parameters
        if place in readings:
            return None, readings[place]
        return {"UnknownPlace": place}, None
    if method == "mean":
        (celsius,) = parameters
        return None, sum(celsius) / len(celsius) if celsius else 0.0
    if method == "count":
        return None, len(reported)
    return f"no method {method}", None


def converse(neovim, source):
    readings = {"Oslo": {"place": "Oslo", "celsius": -3.5, "at": 1700000000}}
    reported = []
    seen = []
    unpacker = msgpack.Unpacker(raw=False)

    def send(message):
        neovim.stdin.write(msgpack.packb(message))
        neovim.stdin.flush()

    send([0, OUR_MESSAGE_ID, "nvim_exec_lua", [source, [CHANNEL]]])
    while data := os.read(neovim.stdout.fileno(), 65536):
        unpacker.feed(data)
        for message in unpacker:
            if message[0] == 1:
                _, message_id, error, result = message
                assert message_id == OUR_MESSAGE_ID, message
                return {"error": error, "answers": result, "seen": seen}
            seen.append(message)
            if message[0] == 2:
                (reading,) = message[2]
                readings[reading["place"]] = reading
                reported.append(reading)
            else:
                _, message_id, method, parameters = message
                send([1, message_id, *answer(method, parameters, readings, reported)])
    sys.exit("Neovim closed the channel before it answered")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        source = file.read()
    neovim = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        print(json.dumps(converse(neovim, source)), flush=True)
        neovim.stdin.close()
        neovim.wait(timeout=20)
    finally:
        neovim.kill()


if __name__ == "__main__":
    main()
