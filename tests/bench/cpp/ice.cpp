/*
 * ice: the measured interface over ZeroC Ice on TCP, as slice2cpp makes it of slice/Bench.ice.
 *
 *   ice serve CORE                                        prints "READY PROXY", blanks as commas
 *   ice call PROXY MEASURE MILLISECONDS CORE SERVER_PID
 *
 * One-way messages go one by one, as one-way proxies send them.
 */

#include "bench.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <Ice/Ice.h>

#include "Bench.h"

namespace {

class Object : public Measured::Bench {
public:
    void nothing(const Ice::Current &) override {}

    Measured::Octets echo(Measured::Octets bytes, const Ice::Current &) override { return bytes; }

    double sum(Measured::Doubles values, const Ice::Current &) override
    {
        return sum_of_values(values.data(), values.size());
    }

    void post(Measured::Octets, const Ice::Current &) override
    {
        posts.fetch_add(1, std::memory_order_relaxed);
    }

    Ice::Long count(const Ice::Current &) override { return posts.load(std::memory_order_relaxed); }

private:
    std::atomic<Ice::Long> posts{0};
};

/* Both ways of calling one object. */
struct Client {
    std::shared_ptr<Measured::BenchPrx> twoway;
    std::shared_ptr<Measured::BenchPrx> oneway;
    Measured::Octets bytes;
    Measured::Doubles values;
};

Client &of(void *client)
{
    return *static_cast<Client *>(client);
}

void call_null(void *client)
{
    of(client).twoway->nothing();
}

void call_echo(void *client, const char *bytes, size_t count)
{
    Measured::Octets &kept = of(client).bytes;

    if (kept.size() != count)
        kept.assign(bytes, bytes + count);
    if (of(client).twoway->echo(kept).size() != count)
        std::exit(1);
}

double call_sum(void *client, const double *values, size_t count)
{
    Measured::Doubles &kept = of(client).values;

    if (kept.size() != count)
        kept.assign(values, values + count);
    return of(client).twoway->sum(kept);
}

void post(void *client, const char *bytes, size_t count)
{
    Measured::Octets &kept = of(client).bytes;

    if (kept.size() != count)
        kept.assign(bytes, bytes + count);
    of(client).oneway->post(kept);
}

uint64_t call_count(void *client)
{
    return static_cast<uint64_t>(of(client).twoway->count());
}

const struct calls CALLS = {call_null, call_echo, call_sum, nullptr, post, call_count};

/* What further links go through: each has a connection of its own, by its name. */
std::shared_ptr<Measured::BenchPrx> first;

void *open_link_of_its_own(const char *)
{
    static int links;
    Client *client = new Client;

    client->twoway = first->ice_connectionId(std::to_string(links++));
    return client;
}

Ice::InitializationData settings()
{
    Ice::InitializationData data;

    data.properties = Ice::createProperties();
    /* Messages as large as the largest echo; in kilobytes. */
    data.properties->setProperty("Ice.MessageSizeMax", "32768");
    return data;
}

void serve(const Ice::CommunicatorPtr &communicator)
{
    auto adapter = communicator->createObjectAdapterWithEndpoints("bench", "tcp -h 127.0.0.1 -p 0");
    auto proxy = adapter->add(std::make_shared<Object>(), Ice::stringToIdentity("bench"));
    std::string text;

    adapter->activate();
    text = proxy->ice_toString();
    std::replace(text.begin(), text.end(), ' ', ',');
    std::printf("READY %s\n", text.c_str());
    std::fflush(stdout);
    communicator->waitForShutdown();
}

} // namespace

int main(int argc, char **argv)
{
    bool is_server = argc == 3 && std::strcmp(argv[1], "serve") == 0;

    if (!is_server && (argc != 7 || std::strcmp(argv[1], "call") != 0)) {
        std::fprintf(stderr, "ice: called wrongly\n");
        return 2;
    }
    settle(argv[is_server ? 2 : 5]);
    try {
        Ice::CommunicatorHolder holder(settings());
        if (is_server) {
            serve(holder.communicator());
            return 0;
        }
        std::string text = argv[2];
        std::replace(text.begin(), text.end(), ',', ' ');
        Client client;
        client.twoway = Ice::checkedCast<Measured::BenchPrx>(holder->stringToProxy(text));
        client.oneway = client.twoway->ice_oneway();
        if (number_of(argv[3], "links") > 0) {
            first = client.twoway;
            measure_links(&CALLS, open_link_of_its_own, "", number_of(argv[3], "links"),
                          std::atoi(argv[6]));
        }
        measure_calls(&CALLS, &client, argv[3], argv[4], std::atoi(argv[6]));
    } catch (const std::exception &failure) {
        std::fprintf(stderr, "ice: %s\n", failure.what());
        return 1;
    }
    return 0;
}
