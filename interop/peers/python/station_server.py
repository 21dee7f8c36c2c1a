"""station_server.py: the weather station over MessagePack-RPC, by aio-msgpack-rpc.

    station_server.py [--offline] tcp HOST:PORT     (port 0: the kernel chooses)
    station_server.py [--offline] unix PATH

Prints "READY <port>" or "READY <path>" and serves until its standard input ends, so that it
never outlives whoever started it. With --offline, `latest` always fails with Offline.

Besides the station's operations it serves slow(ms), which answers with ms after so many
milliseconds, and hold(name) / release(name): hold answers with name once release(name) was
called, before or after. With these, replies leave out of order, by the clock or without it.

What the library does otherwise than a station must, and what is done about it here, by its
public interface alone:
- An error is always the text of an exception. A declared fault is any value, so operations
  return a Fault and FaultPacker moves it from the result's place to the error's.
- Method names and strings must be str; a bin comes as bytes and matches nothing, and a str
  that is not UTF-8 ends the reading of that connection without a word. TolerantUnpacker takes
  both, and keeps the odd bytes as surrogate escapes, which go back as they came.
- Any attribute of the handler can be called, private ones too. That is left as it is: the
  server listens where tests tell it to and nowhere else.
- The writer of a connection that the client has closed stays open; `serve` closes it, even
  when the client closed only its sending side: replies still to come are lost then.
- An unknown method, or wrong arguments, is an error with the text of Python's exception.
"""

import asyncio
import collections
import os
import sys
import threading

import aio_msgpack_rpc
import msgpack


class Fault:
    """A declared fault: goes to the peer as the error member of the response."""

    def __init__(self, value):
        self.value = value


class FaultPacker:
    """Packs what the library hands over, with a Fault in the error's place."""

    def __init__(self):
        self._packer = msgpack.Packer(use_bin_type=True, unicode_errors="surrogateescape")

    def pack(self, message):
        kind, message_id, error, result = message
        if isinstance(result, Fault):
            message = (kind, message_id, result.value, None)
        return self._packer.pack(message)


class TolerantUnpacker:
    """Unpacks raw, str and bin method names alike, and strings that are not UTF-8."""

    def __init__(self):
        self._unpacker = msgpack.Unpacker(raw=False, unicode_errors="surrogateescape")

    def feed(self, data):
        self._unpacker.feed(data)

    def __iter__(self):
        for message in self._unpacker:
            # [0, id, name, parameters] or [2, name, parameters]
            if isinstance(message, list) and len(message) >= 3:
                message[-2] = text(message[-2])
            yield message


def text(value):
    """The text of a str or of a bin."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value


class Station:
    """The operations are the public methods."""

    def __init__(self, offline):
        self._offline = offline
        self._readings = {}
        self._reports = 0
        self._gates = collections.defaultdict(asyncio.Event)
        self._put("Oslo", -3.5, 1700000000)
        self._put("Bergen", 6.25, 1700000060)

    def _put(self, place, celsius, at):
        self._readings[place] = {"place": place, "celsius": celsius, "at": at}

    def latest(self, place):
        place = text(place)
        if self._offline:
            return Fault("Offline")
        if place not in self._readings:
            return Fault({"UnknownPlace": place})
        return self._readings[place]

    def mean(self, celsius):
        return sum(celsius) / len(celsius) if celsius else 0.0

    def report(self, reading):
        reading = {text(key): value for key, value in reading.items()}
        # A peer may send 4.0 in the shortest form, as the integer 4.
        self._put(text(reading["place"]), float(reading["celsius"]), reading["at"])
        self._reports += 1

    def count(self):
        return self._reports

    async def slow(self, milliseconds):
        await asyncio.sleep(milliseconds / 1000)
        return milliseconds

    async def hold(self, name):
        await self._gates[name].wait()
        self._gates.pop(name, None)
        return name

    def release(self, name):
        self._gates[name].set()


def end_with_standard_input(loop, ended):
    """Sets `ended` when standard input ends, whatever kind of file it is."""

    def read_to_end():
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read_to_end, name="standard-input", daemon=True).start()


async def main(arguments):
    offline = arguments[:1] == ["--offline"]
    if offline:
        arguments = arguments[1:]
    if len(arguments) != 2 or arguments[0] not in ("tcp", "unix"):
        sys.exit("usage: station_server.py [--offline] tcp HOST:PORT | unix PATH")
    transport, address = arguments

    rpc = aio_msgpack_rpc.Server(
        Station(offline), packer=FaultPacker(), unpacker_factory=TolerantUnpacker
    )

    async def serve(reader, writer):
        try:
            await rpc(reader, writer)
        finally:
            writer.close()

    if transport == "tcp":
        host, _, port = address.rpartition(":")
        server = await asyncio.start_server(serve, host.strip("[]"), int(port))
        ready = server.sockets[0].getsockname()[1]
    else:
        server = await asyncio.start_unix_server(serve, address)
        ready = address

    ended = asyncio.Event()
    end_with_standard_input(asyncio.get_running_loop(), ended)
    print("READY", ready, flush=True)
    await ended.wait()
    server.close()
    if transport == "unix":
        os.unlink(address)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
