"""station_client.py: calls the weather station over MessagePack-RPC, by aio-msgpack-rpc.

    station_client.py ADDRESS latest PLACE
    station_client.py ADDRESS mean [CELSIUS...]
    station_client.py ADDRESS report PLACE CELSIUS AT    a notification, then `count`
    station_client.py ADDRESS count
    station_client.py ADDRESS slow MILLISECONDS
    station_client.py ADDRESS concurrent MILLISECONDS... slow() for each at once
    station_client.py ADDRESS reversed COUNT             COUNT hold() at once, released backwards
    station_client.py ADDRESS call METHOD [JSON...]      any method, parameters as JSON
    station_client.py ADDRESS bench latest|mean|count CALLS

ADDRESS is HOST:PORT, or the path of a Unix socket when it has a slash. Prints one line of
JSON: {"ok": result}, or {"error": value} when the response carried an error, whatever its type.
`concurrent` and `reversed` print the results in the order in which the replies came. Exits with
1, and a traceback, when there was no answer.

What the library does otherwise than a client must, and what is done about it here:
- An error member that is false in Python ("", 0, {}, false) passes for no error. A station has
  no such fault; this program cannot see them.
- The receiver stops when the server closes, and leaves its calls pending for ever: every call
  has a time limit.
- Method names and strings go out as str, never as bin or raw.
"""

import asyncio
import json
import sys
import time

import aio_msgpack_rpc
from aio_msgpack_rpc.error import RPCResponseError

CALL_SECONDS_MAX = 20
WARM_UP_CALLS = 100


async def connect(address):
    if "/" in address:
        streams = await asyncio.open_unix_connection(address)
    else:
        host, _, port = address.rpartition(":")
        streams = await asyncio.open_connection(host.strip("[]"), int(port))
    return aio_msgpack_rpc.Client(*streams, response_timeout=CALL_SECONDS_MAX)


async def in_order_of_reply(calls):
    """Makes all the calls at once; the results, in the order in which they came."""
    results = []

    async def one(call):
        results.append(await call)

    await asyncio.gather(*(one(call) for call in calls))
    return results


async def reversed_holds(client, count):
    async def release_backwards():
        for name in reversed(range(count)):
            await client.call("release", name)

    releasing = asyncio.ensure_future(release_backwards())
    order = await in_order_of_reply([client.call("hold", name) for name in range(count)])
    await releasing
    return order


async def bench(client, operation, calls):
    parameters = {"latest": ["Oslo"], "mean": [[1.0, 2.0, 3.0]], "count": []}[operation]
    durations = []
    for index in range(WARM_UP_CALLS + calls):
        start = time.perf_counter()
        await client.call(operation, *parameters)
        if index >= WARM_UP_CALLS:
            durations.append((time.perf_counter() - start) * 1e6)
    durations.sort()
    return {
        "operation": operation,
        "calls": calls,
        "min_us": round(durations[0], 3),
        "p50_us": round(durations[(calls - 1) // 2], 3),
        "p99_us": round(durations[(calls - 1) * 99 // 100], 3),
    }


async def run(client, operation, arguments):
    if operation == "latest":
        (place,) = arguments
        return await client.call("latest", place)
    if operation == "mean":
        return await client.call("mean", [float(argument) for argument in arguments])
    if operation == "report":
        place, celsius, at = arguments
        reading = {"place": place, "celsius": float(celsius), "at": int(at)}
        await client.notify("report", reading)
        return await client.call("count")
    if operation == "count" and not arguments:
        return await client.call("count")
    if operation == "slow":
        (milliseconds,) = arguments
        return await client.call("slow", int(milliseconds))
    if operation == "concurrent":
        return await in_order_of_reply([client.call("slow", int(each)) for each in arguments])
    if operation == "reversed":
        (count,) = arguments
        return await reversed_holds(client, int(count))
    if operation == "call":
        method, *parameters = arguments
        return await client.call(method, *(json.loads(each) for each in parameters))
    if operation == "bench":
        measured, calls = arguments
        return await bench(client, measured, int(calls))
    sys.exit(f"station_client.py: no operation {operation!r} with {len(arguments)} arguments")


async def main(arguments):
    if len(arguments) < 2:
        sys.exit("usage: station_client.py ADDRESS OPERATION [ARGUMENT...]")
    client = await connect(arguments[0])
    try:
        outcome = {"ok": await run(client, arguments[1], arguments[2:])}
    except RPCResponseError as error:
        outcome = {"error": error.args[0]}
    finally:
        client.close()
    print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
