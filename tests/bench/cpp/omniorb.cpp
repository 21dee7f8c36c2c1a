/*
 * omniorb: the measured interface over omniORB's GIOP on TCP, as omniidl makes it of idl/bench.idl.
 *
 *   omniorb serve CORE                                        prints "READY IOR"
 *   omniorb call IOR MEASURE MILLISECONDS CORE SERVER_PID
 */

#include "bench.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <omniORB4/CORBA.h>

#include "bench.hh"

namespace {

class Object : public POA_measured::Bench {
public:
    void nothing() override {}

    measured::Octets *echo(const measured::Octets &bytes) override
    {
        return new measured::Octets(bytes);
    }

    CORBA::Double sum(const measured::Doubles &values) override
    {
        return sum_of_values(values.get_buffer(), values.length());
    }

    void post(const measured::Octets &) override { posts.fetch_add(1, std::memory_order_relaxed); }

    CORBA::ULongLong count() override { return posts.load(std::memory_order_relaxed); }

private:
    std::atomic<CORBA::ULongLong> posts{0};
};

void serve(CORBA::ORB_ptr orb)
{
    CORBA::Object_var root = orb->resolve_initial_references("RootPOA");
    PortableServer::POA_var poa = PortableServer::POA::_narrow(root);
    PortableServer::Servant_var<Object> object = new Object;
    PortableServer::ObjectId_var id = poa->activate_object(object);
    measured::Bench_var reference = object->_this();
    CORBA::String_var text = orb->object_to_string(reference);

    poa->the_POAManager()->activate();
    std::printf("READY %s\n", text.in());
    std::fflush(stdout);
    orb->run();
}

measured::Bench_ptr object_of(void *client)
{
    return static_cast<measured::Bench_ptr>(client);
}

void call_null(void *client)
{
    object_of(client)->nothing();
}

void call_echo(void *client, const char *bytes, size_t count)
{
    CORBA::ULong length = static_cast<CORBA::ULong>(count);
    CORBA::Octet *lent = reinterpret_cast<CORBA::Octet *>(const_cast<char *>(bytes));
    const measured::Octets request(length, length, lent, false);
    measured::Octets_var reply = object_of(client)->echo(request);

    if (reply->length() != length)
        std::exit(1);
}

double call_sum(void *client, const double *values, size_t count)
{
    CORBA::ULong length = static_cast<CORBA::ULong>(count);
    const measured::Doubles request(length, length, const_cast<double *>(values), false);

    return object_of(client)->sum(request);
}

void post(void *client, const char *bytes, size_t count)
{
    CORBA::ULong length = static_cast<CORBA::ULong>(count);
    CORBA::Octet *lent = reinterpret_cast<CORBA::Octet *>(const_cast<char *>(bytes));

    object_of(client)->post(measured::Octets(length, length, lent, false));
}

uint64_t call_count(void *client)
{
    return object_of(client)->count();
}

const struct calls CALLS = {call_null, call_echo, call_sum, nullptr, post, call_count};

CORBA::ORB_ptr new_orb()
{
    /* Only on the loopback address, and with messages as large as the largest echo. */
    const char *options[][2] = {{"endPoint", "giop:tcp:127.0.0.1:"},
                                {"giopMaxMsgSize", "33554432"},
                                {nullptr, nullptr}};
    int argc = 0;

    return CORBA::ORB_init(argc, nullptr, "omniORB4", options);
}

} // namespace

int main(int argc, char **argv)
{
    bool is_server = argc == 3 && std::strcmp(argv[1], "serve") == 0;

    if (!is_server && (argc != 7 || std::strcmp(argv[1], "call") != 0)) {
        std::fprintf(stderr, "omniorb: called wrongly\n");
        return 2;
    }
    settle(argv[is_server ? 2 : 5]);
    try {
        CORBA::ORB_var orb = new_orb();
        if (is_server) {
            serve(orb);
            return 0;
        }
        CORBA::Object_var object = orb->string_to_object(argv[2]);
        measured::Bench_var bench = measured::Bench::_narrow(object);
        measure_calls(&CALLS, bench.in(), argv[3], argv[4], std::atoi(argv[6]));
    } catch (const CORBA::Exception &failure) {
        std::fprintf(stderr, "omniorb: %s\n", failure._name());
        return 1;
    }
    return 0;
}
